package org.millrace.query;

/** Goes over the records of a query and hands on those that fulfil it. Used by one thread at a time. */
interface Walk {
    /**
     * Looks at the next records.
     *
     * @param records how many, about
     * @return false if there are no more
     */
    boolean step(int records);
}
