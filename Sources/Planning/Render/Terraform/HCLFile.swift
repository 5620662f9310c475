/// A file of Terraform's language before it is written: a patch may still be laid over it.
struct HCLFile: Sendable {
    /// Below the folder of hauban.yaml.
    let path: String
    /// Lines at its top, without their sign.
    let header: [String]
    var body: HCLBody

    var artifact: Artifact { Artifact(path: path, text: HCLText.file(header: header, body)) }
}
