/// The images that ours are built upon: one place to raise a version, each the slim form of a Debian 12 image.
///
/// Versions and not digests: who updates reads a version, and the gates scan what came of it.
enum ImageBases {
    static let python = "python:3.12-slim-bookworm"
    static let node = "node:22-bookworm-slim"
    static let goBuild = "golang:1.24-bookworm"
    static let swiftBuild = "swift:6.1-bookworm"
    static let swiftRun = "swift:6.1-bookworm-slim"
    static let plain = "debian:12-slim"
    /// Listens on 8080 as uid 101 and needs no root at all.
    static let site = "nginxinc/nginx-unprivileged:1.28-alpine-slim"

    static let edge = "nginx:1.28-alpine"
    static let certbot = "certbot/certbot:v4.2.0"
    static let redis = 7
    static let postgres = 17

    /// Who runs in an image of ours. Above what distributions give out, so that it is nobody on the host.
    static let user = 10001
    static let siteUser = 101
    static let sitePort = 8080
}
