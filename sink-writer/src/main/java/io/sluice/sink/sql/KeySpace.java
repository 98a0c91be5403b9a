package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;

/**
 * Numbers of one kind, say those of users: what a name has been given stands in {@code sluice.key_map}, and stays.
 *
 * @param sequence where the next number comes from, as SQL names it
 */
record KeySpace(int space, String sequence) {

    /** The number of a name, in a query that has rows {@code u}; null where the name has none. */
    String join(String alias, String name) {
        return " LEFT JOIN sluice.key_map AS " + alias + " ON " + alias + ".space = " + space + " AND " + alias
                + ".name = u." + name;
    }

    /**
     * Gives a number to each of the names that has none, and is told them in one array. In the order of the names: so two that
     * number at once wait for each other in one direction only.
     */
    String number() {
        return "INSERT INTO sluice.key_map (space, name, number) SELECT " + space + ", n.name, nextval("
                + Identifiers.literal(sequence) + "::regclass) FROM (SELECT DISTINCT u.name FROM unnest(?) AS u(name)"
                + " WHERE u.name IS NOT NULL AND NOT EXISTS (SELECT FROM sluice.key_map AS k WHERE k.space = " + space
                + " AND k.name = u.name) ORDER BY u.name) AS n ON CONFLICT (space, name) DO NOTHING";
    }
}
