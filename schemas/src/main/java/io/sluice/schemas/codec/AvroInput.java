package io.sluice.schemas.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads one record in Avro's binary form.
 *
 * <p>Avro's own decoder allocates what a length field asks for before it looks whether so much is there, so that ten damaged
 * bytes can exhaust the heap; here every length is checked against what remains. Not safe for use by several threads.
 */
final class AvroInput {

    private byte[] buffer = new byte[0];
    private int position;

    void begin(byte[] record) {
        buffer = record;
        position = Wire.PREFIX_BYTES;
    }

    /** Every byte must have been read: a record that is longer than its schema says is as damaged as a shorter one. */
    void finish() throws MalformedRecordException {
        if (position != buffer.length) {
            throw new MalformedRecordException((buffer.length - position) + " bytes too many");
        }
        buffer = new byte[0];
    }

    boolean readBoolean() throws MalformedRecordException {
        need(1);
        byte b = buffer[position++];
        if (b != 0 && b != 1) {
            throw new MalformedRecordException("no boolean at byte " + (position - 1));
        }
        return b == 1;
    }

    int readInt() throws MalformedRecordException {
        long value = readLong();
        if (value != (int) value) {
            throw new MalformedRecordException("an int out of range before byte " + position);
        }
        return (int) value;
    }

    long readLong() throws MalformedRecordException {
        long bits = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte b = buffer[position++];
            bits |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return (bits >>> 1) ^ -(bits & 1);
            }
        }
        throw new MalformedRecordException("a number too long before byte " + position);
    }

    float readFloat() throws MalformedRecordException {
        need(4);
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= (buffer[position++] & 0xff) << (8 * i);
        }
        return Float.intBitsToFloat(bits);
    }

    double readDouble() throws MalformedRecordException {
        need(8);
        long bits = 0;
        for (int i = 0; i < 8; i++) {
            bits |= (buffer[position++] & 0xffL) << (8 * i);
        }
        return Double.longBitsToDouble(bits);
    }

    String readString() throws MalformedRecordException {
        int size = readSize();
        String text = new String(buffer, position, size, StandardCharsets.UTF_8);
        // A damaged sequence decodes to U+FFFD; only a text that holds one needs the strict, slower look.
        if (text.indexOf('\uFFFD') >= 0) {
            text = strict(size);
        }
        position += size;
        return text;
    }

    private String strict(int size) throws MalformedRecordException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer, position, size))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRecordException("no UTF-8 at byte " + position);
        }
    }

    byte[] readBytes() throws MalformedRecordException {
        int size = readSize();
        byte[] bytes = Arrays.copyOfRange(buffer, position, position + size);
        position += size;
        return bytes;
    }

    /** A number of things that take a byte or more each, and so can't be more than the bytes that remain. */
    int readSize() throws MalformedRecordException {
        long size = readLong();
        if (size < 0 || size > buffer.length - position) {
            throw new MalformedRecordException("a length out of range before byte " + position);
        }
        return (int) size;
    }

    private void need(int bytes) throws MalformedRecordException {
        if (buffer.length - position < bytes) {
            throw new MalformedRecordException("it ends too early, after " + buffer.length + " bytes");
        }
    }
}
