package io.sluice.localstack.registry;

/** A request that is answered with an error, in the numbers that Confluent's clients know. */
final class RestException extends RuntimeException {

    /** An error message may quote a whole schema; this much of it helps. */
    private static final int MAX_MESSAGE_CHARS = 16_384;

    private final int errorCode;

    RestException(int errorCode, String message) {
        super(message.length() <= MAX_MESSAGE_CHARS ? message : message.substring(0, MAX_MESSAGE_CHARS) + "…");
        this.errorCode = errorCode;
    }

    static RestException subjectNotFound(String subject) {
        return new RestException(40401, "Subject '" + subject + "' not found.");
    }

    static RestException versionNotFound(String version) {
        return new RestException(40402, "Version " + version + " not found.");
    }

    static RestException schemaNotFound() {
        return new RestException(40403, "Schema not found");
    }

    static RestException schemaNotFound(int id) {
        return new RestException(40403, "Schema " + id + " not found");
    }

    static RestException invalidSchema(String reason) {
        return new RestException(42201, reason);
    }

    static RestException invalidVersion(String version) {
        return new RestException(
                42202,
                "The specified version '" + version
                        + "' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");
    }

    static RestException notPermitted(String reason) {
        return new RestException(42205, reason);
    }

    static RestException methodNotAllowed() {
        return new RestException(405, "HTTP 405 Method Not Allowed");
    }

    static RestException noSuchPath() {
        return new RestException(404, "HTTP 404 Not Found");
    }

    int errorCode() {
        return errorCode;
    }

    /** Codes of five digits are an HTTP status and two digits more. */
    int status() {
        return errorCode >= 10_000 ? errorCode / 100 : errorCode;
    }
}
