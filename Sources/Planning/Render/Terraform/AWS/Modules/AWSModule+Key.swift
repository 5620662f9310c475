extension AWSModule {
    /// The key of one environment's data, logs and messages.
    static let key = AWSModule(
        "aws-key",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                data "aws_region" "this" {}

                # One key for what the environment keeps: data, logs, messages. Its users are named by the policies of their roles.
                resource "aws_kms_key" "this" {
                  description             = "Data and logs of ${var.name}"
                  enable_key_rotation     = true
                  deletion_window_in_days = 30
                  policy                  = data.aws_iam_policy_document.this.json
                }

                resource "aws_kms_alias" "this" {
                  name          = "alias/${var.name}"
                  target_key_id = aws_kms_key.this.key_id
                }

                data "aws_iam_policy_document" "this" {
                  statement {
                    sid       = "AccountDecidesByRoles"
                    actions   = ["kms:*"]
                    resources = ["*"]

                    principals {
                      type        = "AWS"
                      identifiers = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:root"]
                    }
                  }

                  statement {
                    sid       = "LogsOfThisAccount"
                    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
                    resources = ["*"]

                    principals {
                      type        = "Service"
                      identifiers = ["logs.${data.aws_region.this.name}.amazonaws.com"]
                    }

                    condition {
                      test     = "ArnLike"
                      variable = "kms:EncryptionContext:aws:logs:arn"
                      values   = ["arn:aws:logs:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:*"]
                    }
                  }

                  # Alarms, budgets and topics write to encrypted topics and queues on behalf of nobody's role.
                  statement {
                    sid       = "MessagesOfThisAccount"
                    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
                    resources = ["*"]

                    principals {
                      type        = "Service"
                      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "sns.amazonaws.com"]
                    }

                    condition {
                      test     = "StringEquals"
                      variable = "aws:SourceAccount"
                      values   = [data.aws_caller_identity.this.account_id]
                    }
                  }
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The key."
              value       = aws_kms_key.this.arn
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            """#,
        ])
}
