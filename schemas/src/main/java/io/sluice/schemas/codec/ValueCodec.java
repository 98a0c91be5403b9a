package io.sluice.schemas.codec;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes and reads one value of one type. Chosen once per column, so that no record asks for its type again. */
interface ValueCodec {

    void write(Object value, AvroOutput out);

    Object read(AvroInput in) throws MalformedRecordException;

    static ValueCodec of(LogicalType type) {
        if (type instanceof Array array) {
            return new Elements(of(array.element()));
        }
        if (type instanceof Numeric) {
            return NUMERIC;
        }
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> BOOLEAN;
                case INT16, INT32, DATE -> INT;
                case INT64, TIME, TIMESTAMP, TIMESTAMPTZ -> LONG;
                case FLOAT32 -> FLOAT;
                case FLOAT64 -> DOUBLE;
                case TEXT, JSON, DOCUMENT -> STRING;
                case BYTES -> BYTES;
                case UUID -> UUID_TEXT;
            };
        }
        return STRING;
    }

    ValueCodec BOOLEAN = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeBoolean((Boolean) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readBoolean();
        }
    };

    ValueCodec INT = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeLong((Integer) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readInt();
        }
    };

    ValueCodec LONG = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeLong((Long) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readLong();
        }
    };

    ValueCodec FLOAT = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeFloat((Float) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readFloat();
        }
    };

    ValueCodec DOUBLE = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeDouble((Double) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readDouble();
        }
    };

    ValueCodec STRING = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeString((String) value);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return in.readString();
        }
    };

    ValueCodec BYTES = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeBytes(((Bytes) value).unsafeArray());
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            return Bytes.wrap(in.readBytes());
        }
    };

    ValueCodec UUID_TEXT = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeString(value.toString());
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            try {
                return UUID.fromString(in.readString());
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException("a uuid is misspelt");
            }
        }
    };

    ValueCodec NUMERIC = new ValueCodec() {
        @Override
        public void write(Object value, AvroOutput out) {
            out.writeString(value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString());
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            String text = in.readString();
            if (text.isEmpty() || Character.isLetter(text.charAt(text.length() - 1))) {
                return special(text);
            }
            try {
                return new BigDecimal(text);
            } catch (NumberFormatException e) {
                throw new MalformedRecordException("a decimal is misspelt");
            }
        }

        private NumericSpecial special(String text) throws MalformedRecordException {
            for (NumericSpecial special : NumericSpecial.values()) {
                if (special.toString().equals(text)) {
                    return special;
                }
            }
            throw new MalformedRecordException("a decimal is misspelt");
        }
    };

    /** Arrays, in one block: Avro's several-block form is read but never written. */
    record Elements(ValueCodec element) implements ValueCodec {

        @Override
        public void write(Object value, AvroOutput out) {
            List<?> elements = (List<?>) value;
            if (!elements.isEmpty()) {
                out.writeLong(elements.size());
                for (Object each : elements) {
                    if (each == null) {
                        out.writeLong(0);
                    } else {
                        out.writeLong(1);
                        element.write(each, out);
                    }
                }
            }
            out.writeLong(0);
        }

        @Override
        public Object read(AvroInput in) throws MalformedRecordException {
            List<@Nullable Object> elements = new ArrayList<>();
            for (int left = in.readSize(); left > 0; left = in.readSize()) {
                for (int i = 0; i < left; i++) {
                    elements.add(in.readInt() == 0 ? null : element.read(in));
                }
            }
            return Collections.unmodifiableList(elements);
        }
    }
}
