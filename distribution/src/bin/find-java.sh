# Read by other scripts. Finds Java by the 'release' file that every JDK and JRE has: starting each one to ask would
# take as long as starting Millrace.

java_release=25

# Prints the feature release of the Java in a folder, or nothing.
java_release_of() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Sets java_home to the first Java of at least $java_release that has bin/$1. Tells what to do and fails if there is none.
find_java() {
    program=$1
    seen=
    on_path=$(command -v java 2>/dev/null || true)
    if [ -n "$on_path" ]; then
        on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    fi
    for java_home in \
        "${JAVA_HOME:-}" \
        "$on_path" \
        /usr/lib/jvm/* \
        /opt/java/* \
        /opt/*jdk* \
        /usr/java/* \
        /usr/local/*jdk* \
        "${HOME:-/nowhere}"/.sdkman/candidates/java/* \
        "${HOME:-/nowhere}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home
    do
        [ -n "$java_home" ] && [ -x "$java_home/bin/$program" ] || continue
        java_home=$(cd "$java_home" && pwd -P)
        found=$(java_release_of "$java_home")
        [ -n "$found" ] || continue
        if [ "$found" -ge "$java_release" ]; then
            return 0
        fi
        case "$seen" in
            *" $java_home)"*) ;;
            *) seen="$seen${seen:+, }Java $found (in $java_home)" ;;
        esac
    done
    {
        echo "Millrace needs Java $java_release${2:+, $2}."
        if [ -n "$seen" ]; then
            echo "  Found only: $seen."
        else
            echo "  Found none in JAVA_HOME, on the PATH, or in /usr/lib/jvm and the like."
        fi
        echo "  Install one, for example Temurin $java_release from https://adoptium.net, or openjdk-$java_release from"
        echo "  your distribution, or set JAVA_HOME to where it is."
    } >&2
    return 1
}
