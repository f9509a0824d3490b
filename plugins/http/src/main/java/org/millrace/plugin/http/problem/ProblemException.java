package org.millrace.plugin.http.problem;

/** Carries a {@link Problem} from where it was found to where it is answered. Has no stack trace: it is no defect. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /**
     * What to answer.
     *
     * @return the problem
     */
    public Problem problem() {
        return problem;
    }
}
