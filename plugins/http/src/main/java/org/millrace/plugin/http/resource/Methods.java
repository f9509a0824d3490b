package org.millrace.plugin.http.resource;

import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.Target;

/** Which methods there are, and which apply to what. */
public final class Methods {
    private static final String RECORD = "GET, HEAD, PUT, PATCH, DELETE, POST, OPTIONS";
    private static final String COLLECTION = "GET, HEAD, QUERY, PUT, POST, DELETE, OPTIONS";
    private static final String INDEX = "GET, HEAD, OPTIONS";
    private static final String SERVER = RECORD + ", QUERY";
    private static final String TRANSACTIONS = "POST, OPTIONS";

    private Methods() {}

    /**
     * The methods that apply to a target: the value of {@code Allow}.
     *
     * @param target what is asked for
     * @return the methods, parted by commas
     */
    public static String allow(Target target) {
        return switch (target) {
            case Target.Record(var path) -> BulkWrites.isTransactions(path) ? TRANSACTIONS : RECORD;
            case Target.Server _ -> SERVER;
            case Target.Collection _ -> COLLECTION;
            case Target.Index _ -> INDEX;
        };
    }

    /**
     * Refuses methods that do not apply.
     *
     * @param method as it was sent; methods are case-sensitive
     * @param target what is asked for
     * @throws org.millrace.plugin.http.problem.ProblemException 501 for a method this server does not know, 405 for one
     *     that does not apply to the target
     */
    public static void check(String method, Target target) {
        boolean applies = switch (method) {
            case "GET", "HEAD" -> !(target instanceof Target.Server);
            case "POST" -> target instanceof Target.Record || target instanceof Target.Collection;
            case "PUT", "DELETE" -> target instanceof Target.Record || target instanceof Target.Collection;
            case "PATCH" -> target instanceof Target.Record;
            case "QUERY" -> target instanceof Target.Collection;
            case "OPTIONS" -> true;
            default ->
                throw Problems.notImplemented("the method '" + method + "' is not known; there are " + SERVER)
                        .exception();
        };
        if (target instanceof Target.Record(var path)
                && !method.equals("POST")
                && !method.equals("OPTIONS")
                && BulkWrites.isTransactions(path)) {
            applies = false;
        }
        if (!applies) {
            String what = switch (target) {
                case Target.Record(var path) -> BulkWrites.isTransactions(path) ? "transactions" : "a record";
                case Target.Server _ -> "the server as a whole";
                case Target.Collection _ -> "a collection";
                case Target.Index _ -> "the index";
            };
            throw Problems.methodNotAllowed(method, what, target instanceof Target.Server ? "OPTIONS" : allow(target))
                    .exception();
        }
    }

    /**
     * Whether a method has a meaning for its body.
     *
     * @param method a known method
     * @return true for {@code PUT}, {@code PATCH}, {@code POST} and {@code QUERY}
     */
    public static boolean takesBody(String method) {
        return method.equals("PUT") || method.equals("POST") || method.equals("PATCH") || method.equals("QUERY");
    }

    /**
     * Whether a method alters records or sends events. Writes of one connection may be under way together, for they are
     * ordered; everything else waits for its turn.
     *
     * @param method a known method
     * @return false for reads
     */
    public static boolean writes(String method) {
        return method.equals("DELETE") || takesBody(method) && !method.equals("QUERY");
    }
}
