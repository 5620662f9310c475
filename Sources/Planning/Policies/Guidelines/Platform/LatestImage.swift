import Spec

extension Guideline {
    static let latestImage = Guideline(
        id: "latest-image",
        title: "An image that may be another one tomorrow",
        reason: "An image without a tag, or with one that moves such as `latest`, is whatever was pushed last: two "
            + "replicas of one release may differ, and going back brings the same new image.",
        fix: "Name a version, `redis:7.4.1`, or a digest, `redis@sha256:…`.",
        serves: ["SF-15", "CE-2.4"], levels: .production(.error, staging: .warning, development: .warning),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard let image = service.image, let tag = ImageText(image).moving,
                    context.isKnown(.service(name, "image"))
                else {
                    return nil
                }
                let path = SpecPath.service(name, "image")
                return context.flag(
                    tag.isEmpty ? "`\(image)` has no tag" : "the tag `\(tag)` of `\(image)` moves", at: path)
            }
        },
        bad: """
            services:
              cache: {image: "redis:latest", health: {exec: [redis-cli, ping]}, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              cache: {image: "redis:7.4.1", health: {exec: [redis-cli, ping]}, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """)
}
