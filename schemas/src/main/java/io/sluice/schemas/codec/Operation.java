package io.sluice.schemas.codec;

/** What a record does to its row, as it is spelt in records and headers. */
public enum Operation {
    UPSERT("upsert"),
    DELETE("delete"),
    TRUNCATE("truncate");

    private final String text;

    Operation(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    static Operation of(String text) throws MalformedRecordException {
        for (Operation operation : values()) {
            if (operation.text.equals(text)) {
                return operation;
            }
        }
        throw new MalformedRecordException("an operation that we don't know");
    }
}
