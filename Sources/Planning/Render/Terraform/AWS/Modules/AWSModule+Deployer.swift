import Spec

extension AWSModule {
    /// Who ships to one environment from GitHub, without a key that could be lost.
    static let deployer = AWSModule(
        "aws-deployer",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                data "aws_partition" "this" {}

                locals {
                  name    = "${var.platform}-${var.environment}"
                  account = data.aws_caller_identity.this.account_id
                  iam     = "arn:${data.aws_partition.this.partition}:iam::${local.account}"

                  # What applying a root asks for, by service. Values of secrets cannot be read.
                  actions = {
                \#(AWSActions.all.text)
                  }

                  # IAM bounds the size of a policy, so there are several, each if the root has anything of it.
                  parts = {
                \#(AWSModule.partsText)
                  }

                  asked = {
                    for part, services in local.parts : part => setintersection(services, var.services)
                    if length(setintersection(services, var.services)) > 0
                  }

                  # Services that make a role of their own in an account when they are first used.
                  linked = {
                \#(AWSModule.linkedText)
                  }

                  # Where names can be bound to the environment they are; what has no name of its own is told apart by tags below.
                  named = {
                    ecr            = ["arn:${data.aws_partition.this.partition}:ecr:*:${local.account}:repository/${var.platform}/${var.environment}/*"]
                    s3             = ["arn:${data.aws_partition.this.partition}:s3:::${local.name}-*"]
                    secretsmanager = [for name in ["${var.platform}/${var.environment}/*", "rds!*"] : "arn:${data.aws_partition.this.partition}:secretsmanager:*:${local.account}:secret:${name}"]
                  }
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

                # What applying the environment's root asks for, and no service that is not in it.
                resource "aws_iam_policy" "this" {
                  for_each = local.asked

                  name   = "${local.name}-deployer-${each.key}"
                  policy = data.aws_iam_policy_document.services[each.key].json
                }

                resource "aws_iam_role_policy_attachment" "this" {
                  for_each = aws_iam_policy.this

                  role       = aws_iam_role.this.name
                  policy_arn = each.value.arn
                }

                data "aws_iam_policy_document" "services" {
                  for_each = local.asked

                  dynamic "statement" {
                    for_each = each.value

                    content {
                      actions   = [for action in local.actions[statement.value] : "${statement.value}:${action}"]
                      resources = lookup(local.named, statement.value, ["*"])
                    }
                  }
                }

                resource "aws_iam_role_policy" "this" {
                  name   = "environment"
                  role   = aws_iam_role.this.id
                  policy = data.aws_iam_policy_document.this.json
                }

                data "aws_iam_policy_document" "this" {
                  statement {
                    sid       = "SignInToTheRegistry"
                    actions   = ["ecr:GetAuthorizationToken"]
                    resources = ["*"]
                  }

                  # Keys encrypt for services that keep something, never for whoever ships.
                  statement {
                    sid       = "KeysForServices"
                    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
                    resources = ["arn:${data.aws_partition.this.partition}:kms:*:${local.account}:key/*"]

                    condition {
                      test     = "StringLike"
                      variable = "kms:ViaService"
                      values   = ["*.amazonaws.com"]
                    }
                  }

                  statement {
                    sid       = "KeysForWhatTheyMake"
                    actions   = ["kms:CreateGrant"]
                    resources = ["arn:${data.aws_partition.this.partition}:kms:*:${local.account}:key/*"]

                    condition {
                      test     = "Bool"
                      variable = "kms:GrantIsForAWSResource"
                      values   = ["true"]
                    }
                  }

                  statement {
                    sid       = "State"
                    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
                    resources = ["${var.state}/${var.environment}/*"]
                  }

                  statement {
                    sid       = "StateIsFound"
                    actions   = ["s3:ListBucket"]
                    resources = [var.state]
                  }

                  # Roles that AWS's services have in every account, made by who uses one first.
                  statement {
                    sid       = "RolesOfServices"
                    actions   = ["iam:CreateServiceLinkedRole"]
                    resources = ["${local.iam}:role/aws-service-role/*"]

                    condition {
                      test     = "StringEquals"
                      variable = "iam:AWSServiceName"
                      values   = [for service in var.services : local.linked[service] if contains(keys(local.linked), service)]
                    }
                  }

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

                  # What carries the name of another environment or platform stays as it is.
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

                  # Buckets have no tags that count here, and `prod-two` begins as `prod` does.
                  dynamic "statement" {
                    for_each = length(var.longer) > 0 ? [var.longer] : []

                    content {
                      sid       = "NoOtherBuckets"
                      effect    = "Deny"
                      actions   = ["s3:*"]
                      resources = [for name in statement.value : "arn:${data.aws_partition.this.partition}:s3:::${var.platform}-${name}-*"]
                    }
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

            variable "services" {
              description = "Services whose things are in the root, as IAM calls them."
              type        = list(string)
            }

            variable "longer" {
              description = "Other environments whose names begin with this one's."
              type        = list(string)
              default     = []
            }

            """#,
        ])

    private static let partsText = AWSActions.parts.map { part in
        let name = part.name + String(repeating: " ", count: 7 - part.name.count)
        return "    \(name) = [\(part.services.map { JSONText.quoted($0) }.joined(separator: ", "))]"
    }.joined(separator: "\n")

    private static let linkedText: String = {
        let rows = AWSActions.all.linked.sorted { $0.key < $1.key }
        let column = rows.map(\.key.count).max() ?? 0
        return rows.map { service, name in
            "    \(service)\(String(repeating: " ", count: column - service.count)) = \(JSONText.quoted(name))"
        }.joined(separator: "\n")
    }()
}
