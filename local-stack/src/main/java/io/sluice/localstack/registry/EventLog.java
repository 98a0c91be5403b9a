package io.sluice.localstack.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of a registry, one a line: eight hexadecimal digits of CRC-32C, a space, JSON. An append returns when the
 * event is on the disk. A line cut short by a crash was never acknowledged and is dropped at the next start; a bad line
 * with good ones behind it is damage, and the log refuses to open. Never compacted: schemas change too seldom to matter.
 */
final class EventLog implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final int CHECKSUM_CHARS = 8;

    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;
    private final FileChannel channel;
    private final FileChannel lockChannel;
    private long end;
    private boolean broken;

    private EventLog(Path file, FileChannel channel, FileChannel lockChannel) {
        this.file = file;
        this.channel = channel;
        this.lockChannel = lockChannel;
    }

    /** Opens the log in this folder, which one process at a time may have, and hands its events over in their order. */
    static EventLog open(Path folder, Consumer<RegistryEvent> replay) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockChannel = lock(folder);
        FileChannel channel = null;
        try {
            Path file = folder.resolve("registry.log");
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            force(folder);
            EventLog log = new EventLog(file, channel, lockChannel);
            log.replay(replay);
            return log;
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            lockChannel.close();
            throw e;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("registry.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "another schema registry is running on " + folder + "; stop it or use another folder");
        }
        return channel;
    }

    /** A new file is safe only once the folder that names it is on the disk too. */
    private static void force(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void replay(Consumer<RegistryEvent> replay) throws IOException {
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel.position(0)));
        boolean torn = false;
        for (byte[] line = readLine(in); line.length > 0; line = readLine(in)) {
            RegistryEvent event = decode(line);
            if (event == null) {
                torn = true;
            } else if (torn) {
                throw new IOException(file + " is damaged at byte " + end
                        + ", with good events behind it; restore the file from a backup");
            } else {
                replay.accept(event);
                end += line.length;
            }
        }
        if (torn) {
            LOG.warn("{}: dropped {} bytes of an event that a crash cut short", file, channel.size() - end);
            channel.truncate(end);
            channel.force(true);
        }
        channel.position(end);
    }

    /** The next line with its line feed, or what is left, or nothing. */
    private static byte[] readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toByteArray();
    }

    /** Null where the line is not what was once written. */
    private @Nullable RegistryEvent decode(byte[] line) throws IOException {
        int jsonStart = CHECKSUM_CHARS + 1;
        if (line.length <= jsonStart + 1 || line[line.length - 1] != '\n') {
            return null;
        }
        int jsonLength = line.length - jsonStart - 1;
        String checksum = new String(line, 0, CHECKSUM_CHARS, StandardCharsets.ISO_8859_1);
        if (!checksum.equals(checksum(line, jsonStart, jsonLength)) || line[CHECKSUM_CHARS] != ' ') {
            return null;
        }
        try {
            return mapper.readValue(line, jsonStart, jsonLength, RegistryEvent.class);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " holds an event at byte " + end + " that this release can't read", e);
        }
    }

    private static String checksum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** Returns when the event is on the disk; after a failure the log is as it was before. */
    void append(RegistryEvent event) throws IOException {
        if (broken) {
            throw new IOException(file + " can't be written since an earlier error; start the registry anew");
        }
        byte[] json = mapper.writeValueAsBytes(event);
        ByteBuffer line = ByteBuffer.allocate(CHECKSUM_CHARS + json.length + 2);
        line.put(checksum(json, 0, json.length).getBytes(StandardCharsets.ISO_8859_1));
        line.put((byte) ' ').put(json).put((byte) '\n').flip();
        int length = line.remaining();
        // Until the bytes are known to be on the disk, what stands there is anyone's guess.
        broken = true;
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(false);
        } catch (IOException e) {
            takeBack();
            throw e;
        }
        end += length;
        broken = false;
    }

    /** A half-written event must not stand in front of the next one. */
    private void takeBack() throws IOException {
        channel.truncate(end);
        channel.position(end);
        channel.force(true);
        broken = false;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        lockChannel.close();
    }
}
