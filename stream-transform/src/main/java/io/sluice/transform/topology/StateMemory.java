package io.sluice.transform.topology;

import io.sluice.platform.error.EnvironmentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One piece of memory outside the heap for all state of a service. Left to itself each partition's store takes what it likes,
 * about 100 MiB.
 */
final class StateMemory implements AutoCloseable {

    /** The setting by which {@link Shared} finds it. */
    static final String SETTING = "sluice.state.memory";

    private static final long ALL_BYTES = 48L << 20;
    private static final long UNWRITTEN_BYTES = 16L << 20;
    private static final long UNWRITTEN_BYTES_OF_ONE_STORE = 4L << 20;

    private final Cache cache = new LRUCache(ALL_BYTES);
    private final WriteBufferManager unwritten = new WriteBufferManager(UNWRITTEN_BYTES, cache);

    private StateMemory() {}

    /**
     * Reserves it, and loads RocksDB's library into a folder that is ours: left to itself it takes the machine's folder for
     * temporary files, from which no program may run on some, and leaves it behind when the process is killed.
     *
     * @throws EnvironmentException if the library can't be loaded
     */
    static StateMemory reserve(Path folder) {
        try {
            Files.createDirectories(folder);
            NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new EnvironmentException(
                    "STATE_UNAVAILABLE",
                    "what split rows became can't be kept: RocksDB does not start",
                    "folder " + folder,
                    "Is the folder writable, and may programs run from it? Is this a platform that RocksDB supports?",
                    e);
        }
        return new StateMemory();
    }

    @Override
    public void close() {
        unwritten.close();
        cache.close();
    }

    /** Makes a store use it. Public because Streams makes it, by its name. */
    public static final class Shared implements RocksDBConfigSetter {

        @Override
        public void setConfig(String store, Options options, Map<String, Object> settings) {
            if (!(settings.get(SETTING) instanceof StateMemory memory)) {
                throw new IllegalArgumentException("no memory is set for the state");
            }
            BlockBasedTableConfig blocks = (BlockBasedTableConfig) options.tableFormatConfig();
            blocks.setBlockCache(memory.cache);
            blocks.setCacheIndexAndFilterBlocks(true);
            options.setTableFormatConfig(blocks);
            options.setWriteBufferManager(memory.unwritten);
            options.setWriteBufferSize(UNWRITTEN_BYTES_OF_ONE_STORE);
        }

        @Override
        public void close(String store, Options options) {
            // The memory is everybody's: whoever made it frees it.
        }
    }
}
