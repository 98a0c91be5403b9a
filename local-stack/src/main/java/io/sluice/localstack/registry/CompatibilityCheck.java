package io.sluice.localstack.registry;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** Whether a new schema may follow earlier ones, by Avro's own rules of schema resolution. */
final class CompatibilityCheck {

    private CompatibilityCheck() {}

    /**
     * What speaks against the new schema; nothing if it is compatible.
     *
     * @param earlier from the oldest to the newest
     */
    static List<String> objections(CompatibilityLevel level, Schema schema, List<EarlierVersion> earlier) {
        int from = level.transitive() ? 0 : Math.max(0, earlier.size() - 1);
        for (int i = earlier.size() - 1; i >= from; i--) {
            EarlierVersion old = earlier.get(i);
            List<String> objections = new ArrayList<>();
            if (level.readsOld()) {
                describe("new", "old", schema, old.schema(), objections);
            }
            if (level.readByOld()) {
                describe("old", "new", old.schema(), schema, objections);
            }
            if (!objections.isEmpty()) {
                objections.add("{oldSchemaVersion: " + old.version() + "}");
                objections.add("{oldSchema: '" + old.schema() + "'}");
                objections.add("{compatibility: '" + level + "'}");
                return objections;
            }
        }
        return List.of();
    }

    private static void describe(
            String readerName, String writerName, Schema reader, Schema writer, List<String> objections) {
        for (Incompatibility found : SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities()) {
            objections.add("{errorType:'" + found.getType() + "', description:'The " + readerName
                    + " schema can't read data of the " + writerName + " one: at path '" + found.getLocation()
                    + "'', additionalInfo:'" + found.getMessage() + "'}");
        }
    }

    record EarlierVersion(int version, Schema schema) {}
}
