package io.sluice.transform.mapping.version;

import io.sluice.platform.postgres.WiderType;
import io.sluice.transform.mapping.version.TableVersion.ColumnVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One way in which a table's mapping has become another.
 *
 * @param what in words
 */
public record MappingChange(Effect effect, String what) {

    private static final String NOTHING = "nothing";

    /** What it means for the rows that are there, from the least to the most. */
    public enum Effect {
        /** They are as the new mapping would have made them. */
        NONE,
        /** How later changes are written differs; what is there can't be made otherwise by reading it again. */
        FROM_NOW_ON,
        /** They are as the old mapping made them, and stay so until their source is read again. */
        REBUILD
    }

    public MappingChange {
        Objects.requireNonNull(effect, "effect");
        Objects.requireNonNull(what, "what");
    }

    /** All that differs; empty if both do the same. */
    public static List<MappingChange> between(TableVersion old, TableVersion now) {
        List<MappingChange> changes = new ArrayList<>();
        if (!old.key().equals(now.key())) {
            changes.add(new MappingChange(
                    Effect.REBUILD,
                    "its key was (" + String.join(", ", old.key()) + ") and is (" + String.join(", ", now.key())
                            + ")"));
        }
        settings(old.settings(), now.settings(), changes);
        for (Map.Entry<String, ColumnVersion> each : new TreeMap<>(now.columns()).entrySet()) {
            ColumnVersion before = old.columns().get(each.getKey());
            if (before == null) {
                changes.add(added(old, each.getKey(), each.getValue()));
            } else {
                column(each.getKey(), before, each.getValue(), changes);
            }
        }
        for (String gone : new TreeSet<>(old.columns().keySet())) {
            if (!now.columns().containsKey(gone)) {
                changes.add(new MappingChange(
                        Effect.NONE, "column " + gone + " is no longer written; it keeps what it has"));
            }
        }
        return List.copyOf(changes);
    }

    private static void settings(Map<String, String> old, Map<String, String> now, List<MappingChange> changes) {
        TreeSet<String> names = new TreeSet<>(old.keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            String before = old.getOrDefault(name, NOTHING);
            String after = now.getOrDefault(name, NOTHING);
            if (!before.equals(after)) {
                Effect effect =
                        switch (name) {
                            case "write", "on-conflict", "deletes", "conflict" ->
                                passedOver(name, before) ? Effect.REBUILD : Effect.FROM_NOW_ON;
                            default -> Effect.REBUILD;
                        };
                changes.add(new MappingChange(effect, name + " was " + before + " and is " + after));
            }
        }
    }

    /**
     * Whether changes were left out on purpose until now: later ones would be laid over rows that lack these. One that carries only
     * some columns of its row would make one that never was.
     */
    private static boolean passedOver(String setting, String before) {
        return switch (setting) {
            case "write" -> !before.equals("upsert");
            case "on-conflict" -> !before.equals(NOTHING);
            case "deletes" -> !before.equals("hard");
            default -> !before.equals("source-wins");
        };
    }

    /**
     * A column that the source has only had since is null in the rows that are there, as it is in theirs. Unless it was left out
     * for a while, or stands for another one.
     */
    private static MappingChange added(TableVersion old, String name, ColumnVersion column) {
        boolean isNew = column.from().equals(copyOf(name)) && !old.knew(name) && !old.leftOut();
        return isNew && column.nullable()
                ? new MappingChange(
                        Effect.NONE,
                        "column " + name
                                + " is new at the source; rows from before have no value in it until they change")
                : new MappingChange(
                        Effect.REBUILD,
                        "column " + name + " is new, made from " + column.from() + ", and rows from before lack it");
    }

    private static String copyOf(String name) {
        return "field \"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static void column(String name, ColumnVersion old, ColumnVersion now, List<MappingChange> changes) {
        if (!old.from().equals(now.from())) {
            changes.add(new MappingChange(
                    Effect.REBUILD, "column " + name + " was made from " + old.from() + " and is from " + now.from()));
        }
        if (!old.type().equals(now.type())) {
            boolean wider = WiderType.between(old.type(), now.type())
                    .filter(type -> type.declared().equals(now.type()))
                    .isPresent();
            changes.add(new MappingChange(
                    // By its source alone, for a type that the file asks for is part of what the column is made from.
                    wider ? Effect.NONE : Effect.FROM_NOW_ON,
                    "column " + name + " was " + old.type() + " and is " + now.type()));
        }
    }
}
