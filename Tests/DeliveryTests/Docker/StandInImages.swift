import Delivery
import Foundation
import Testing
import World

/// Images named like the official ones, made of this machine's PostgreSQL and Redis: no registry is asked.
enum StandInImages {
    /// PostgreSQL 15 and Redis 7 with a shell, about 80 MB, under each of the names.
    static let names = ["postgres:15-alpine", "postgres:16-alpine", "redis:7-alpine"]

    /// Makes them unless the engine has them.
    static func ensure(on docker: TestDocker) async throws {
        if try await docker.api.image("postgres:15-alpine") != nil { return }
        let result = try await docker.shell(script, docker.folder + "/stand-in")
        try #require(result.isSuccess, "\(result.errors)")
    }

    private static let script = #"""
        set -eu
        root=$1
        mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/run" "$root/tmp" "$root/etc"
        for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
        programs="/bin/dash $(for name in cat mkdir mv rm rmdir chmod grep sleep redis-server redis-cli; do command -v $name; done)"
        programs="$programs $(ls -d /usr/lib/postgresql/15/bin/*)"
        libraries="$(ls /usr/lib/postgresql/15/lib/*.so | grep -v llvm)"
        {
            for file in $programs $libraries; do echo "$file"; done
            ldd $programs $libraries 2>/dev/null | sed -n 's|.*=> \(/[^ ]*\) .*|\1|p; s|^\t\(/[^ ]*\) .*|\1|p' | sort -u
            ls -d /usr/share/postgresql/15 /usr/lib/locale/C.utf8 /usr/share/zoneinfo/UTC
        } | sort -u | xargs cp -rL --parents --target-directory="$root"
        ln -s dash "$root/usr/bin/sh"
        printf '%s\n' root:x:0:0::/:/bin/sh postgres:x:70:70::/:/bin/sh redis:x:999:999::/:/bin/sh >"$root/etc/passwd"
        printf '%s\n' root:x:0: postgres:x:70: redis:x:999: >"$root/etc/group"
        mkdir -p "$root/var/lib/postgresql/data" "$root/data"
        # As in the official image; what is mounted over a folder takes its mode over (runc before 1.2).
        mkdir "$root/run/postgresql"
        chown 70:70 "$root/var/lib/postgresql/data" "$root/run/postgresql"
        chmod 3777 "$root/run/postgresql"
        chmod 1777 "$root/tmp"
        chown 999:999 "$root/data"
        tar -C "$root" -c . | docker import --change 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin' - postgres:15-alpine
        docker tag postgres:15-alpine postgres:16-alpine
        docker tag postgres:15-alpine redis:7-alpine
        rm -rf "$root"
        """#
}
