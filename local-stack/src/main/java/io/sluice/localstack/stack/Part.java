package io.sluice.localstack.stack;

import java.util.Locale;

/** A server of the stack and the variable of {@code stack.env} that holds its address. */
public enum Part {
    KAFKA("KAFKA_BOOTSTRAP"),
    REGISTRY("REGISTRY_URL"),
    POSTGRES("POSTGRES_URL"),
    MONGODB("MONGODB_URI");

    private final String variable;

    Part(String variable) {
        this.variable = variable;
    }

    public String variable() {
        return variable;
    }

    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }
}
