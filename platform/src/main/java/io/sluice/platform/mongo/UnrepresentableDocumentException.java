package io.sluice.platform.mongo;

/** A document that text can't say without doubt. The message says why, without a value. */
public final class UnrepresentableDocumentException extends RuntimeException {

    UnrepresentableDocumentException(String message) {
        super(message);
    }
}
