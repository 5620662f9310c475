extension AWSModule {
    /// Who ships to one environment from GitHub, without a key that could be lost.
    static let deployer = AWSModule(
        "aws-deployer",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                data "aws_partition" "this" {}

                locals {
                  name = "${var.platform}-${var.environment}"
                  iam  = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}"
                }

                # Whoever runs for this environment of the repository on GitHub, and nobody else.
                resource "aws_iam_role" "this" {
                  name                 = "${local.name}-deployer"
                  max_session_duration = 3600

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRoleWithWebIdentity"
                      Principal = { Federated = var.github }
                      Condition = {
                        StringEquals = {
                          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
                          "token.actions.githubusercontent.com:sub" = "repo:${var.repository}:environment:${var.environment}"
                        }
                      }
                    }]
                  })
                }

                # It applies the environment's root, which holds most kinds of things; users, keys and the organisation are not among them.
                resource "aws_iam_role_policy_attachment" "this" {
                  role       = aws_iam_role.this.name
                  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/PowerUserAccess"
                }

                resource "aws_iam_role_policy" "this" {
                  name   = "environment"
                  role   = aws_iam_role.this.id
                  policy = data.aws_iam_policy_document.this.json
                }

                data "aws_iam_policy_document" "this" {
                  # Roles of this environment's services, by their names; its own it may not change.
                  statement {
                    sid = "RolesOfThisEnvironment"
                    actions = [
                      "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
                      "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
                      "iam:ListRolePolicies", "iam:PassRole", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole",
                      "iam:UpdateAssumeRolePolicy",
                    ]
                    resources = ["${local.iam}:role/${local.name}-*"]
                  }

                  statement {
                    sid         = "NotItself"
                    effect      = "Deny"
                    not_actions = ["iam:Get*", "iam:List*"]
                    resources   = ["${local.iam}:role/${local.name}-deployer"]
                  }

                  # What carries the name of another environment or platform stays as it is, and so does its state.
                  dynamic "statement" {
                    for_each = { environment = var.environment, platform = var.platform }

                    content {
                      sid       = "NoOther${title(statement.key)}"
                      effect    = "Deny"
                      actions   = ["*"]
                      resources = ["*"]

                      condition {
                        test     = "StringNotEquals"
                        variable = "aws:ResourceTag/${statement.key}"
                        values   = [statement.value]
                      }

                      condition {
                        test     = "Null"
                        variable = "aws:ResourceTag/${statement.key}"
                        values   = ["false"]
                      }
                    }
                  }

                  statement {
                    sid       = "NoOtherState"
                    effect    = "Deny"
                    actions   = ["s3:*Object*"]
                    resources = [for other in var.others : "${var.state}/${other}/*"]
                  }
                }

                """#,
            "outputs.tf": #"""
            output "role" {
              description = "As whom a workflow ships."
              value       = aws_iam_role.this.arn
            }

            """#,
            "variables.tf": #"""
            variable "platform" {
              description = "The platform's name."
              type        = string
            }

            variable "environment" {
              description = "The environment that is shipped to."
              type        = string
            }

            variable "repository" {
              description = "The repository whose workflow ships, as `owner/name`."
              type        = string
            }

            variable "github" {
              description = "Who proves that a workflow is GitHub's."
              type        = string
            }

            variable "state" {
              description = "The bucket of the states."
              type        = string
            }

            variable "others" {
              description = "Folders of the bucket that hold others' states."
              type        = list(string)
            }

            """#,
        ])
}
