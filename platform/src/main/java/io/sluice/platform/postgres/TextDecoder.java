package io.sluice.platform.postgres;

/** Reads one value of one type from PostgreSQL's text form. Chosen once per column. */
interface TextDecoder {

    /**
     * The value in the carrier of its logical type.
     *
     * @throws UnfitTextException if that carrier can't hold it, or the text is none of this type
     */
    Object decode(byte[] text, int from, int length);
}
