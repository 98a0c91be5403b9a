package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.MongoWireProtocolHandler;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Says that this is the primary, and only member, of a replica set. */
final class Handshake {

    static final String REPLICA_SET = "rs0";
    private static final int PRIMARY = 1;

    private final Clock clock;

    Handshake(Clock clock) {
        this.clock = clock;
    }

    /**
     * Leaves out {@code logicalSessionTimeoutMinutes}, so that drivers use no sessions and no retryable writes, and
     * {@code topologyVersion}, so that they poll rather than expect a stream of answers.
     */
    Document hello(Channel channel, long clusterTime) {
        String address = address(channel);
        Document opTime = new Document("ts", new BsonTimestamp(clusterTime)).append("t", 1L);
        Instant wallTime = Instant.ofEpochSecond(clusterTime >>> 32);
        return new Document("helloOk", true)
                .append("ismaster", true)
                .append("isWritablePrimary", true)
                .append("secondary", false)
                .append("setName", REPLICA_SET)
                .append("setVersion", 1)
                .append("hosts", List.of(address))
                .append("primary", address)
                .append("me", address)
                .append(
                        "lastWrite",
                        new Document("opTime", opTime)
                                .append("lastWriteDate", wallTime)
                                .append("majorityOpTime", opTime)
                                .append("majorityWriteDate", wallTime))
                .append("maxBsonObjectSize", Bson.MAX_BYTES)
                .append("maxMessageSizeBytes", MongoWireProtocolHandler.MAX_MESSAGE_SIZE_BYTES)
                .append("maxWriteBatchSize", MongoWireProtocolHandler.MAX_WRITE_BATCH_SIZE)
                .append("localTime", clock.instant())
                .append("minWireVersion", 0)
                .append("maxWireVersion", Version.INSTANCE.getWireVersion())
                .append("readOnly", false)
                .append("ok", 1.0);
    }

    Document status(Channel channel, long clusterTime) {
        Document opTime = new Document("ts", new BsonTimestamp(clusterTime)).append("t", 1L);
        Document member = new Document("_id", 0)
                .append("name", address(channel))
                .append("health", 1.0)
                .append("state", PRIMARY)
                .append("stateStr", "PRIMARY")
                .append("optime", opTime)
                .append("self", true);
        return new Document("set", REPLICA_SET)
                .append("date", clock.instant())
                .append("myState", PRIMARY)
                .append("term", 1L)
                .append("members", List.of(member))
                .append("ok", 1.0);
    }

    /** The address the client used is the one it must find in the list of hosts. */
    private static String address(Channel channel) {
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        return local.getAddress().getHostAddress() + ":" + local.getPort();
    }

    /** The version whose change streams are stood in for. */
    enum Version implements MongoVersion {
        INSTANCE;

        @Override
        public List<Integer> getVersionArray() {
            return List.of(7, 0, 0, 0);
        }

        @Override
        public String toVersionString() {
            return "7.0.0";
        }

        @Override
        public int getWireVersion() {
            return 21;
        }
    }
}
