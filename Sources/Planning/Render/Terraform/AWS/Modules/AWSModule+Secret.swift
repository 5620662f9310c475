extension AWSModule {
    /// An empty container of one secret.
    static let secret = AWSModule(
        "aws-secret",
        files: [
            "main.tf": versions + #"""
                # An empty container: who may give values does so outside Terraform, which never sees one.
                resource "aws_secretsmanager_secret" "this" {
                  name                    = var.name
                  description             = var.description
                  kms_key_id              = var.kms_key
                  recovery_window_in_days = 30
                  tags                    = var.tags
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The secret."
              value       = aws_secretsmanager_secret.this.arn
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and secret."
              type        = string
            }

            variable "description" {
              description = "What it opens."
              type        = string
            }

            variable "kms_key" {
              description = "Encrypts the value."
              type        = string
            }

            variable "tags" {
              description = "Further tags."
              type        = map(string)
              default     = {}
            }

            """#,
        ])
}
