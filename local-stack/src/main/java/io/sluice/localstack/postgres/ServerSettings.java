package io.sluice.localstack.postgres;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings every server of ours starts with. */
final class ServerSettings {

    private ServerSettings() {}

    static Map<String, String> usual(int port) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("port", Integer.toString(port));
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("unix_socket_directories", "");
        settings.put("max_connections", "200");

        settings.put("wal_level", "logical");
        settings.put("max_replication_slots", "20");
        settings.put("max_wal_senders", "20");
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");

        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        settings.put("lc_messages", "C");
        settings.put("logging_collector", "off");
        settings.put("log_destination", "stderr");
        settings.put("log_checkpoints", "off");
        // Statements and the details of errors hold row values.
        settings.put("log_min_error_statement", "panic");
        settings.put("log_error_verbosity", "terse");
        return settings;
    }
}
