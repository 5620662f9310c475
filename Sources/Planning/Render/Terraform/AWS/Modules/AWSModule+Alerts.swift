extension AWSModule {
    /// Where alarms go, and the budget.
    static let alerts = AWSModule(
        "aws-alerts",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                # One topic a level: whoever listens hears what they are to be told and nothing else.
                resource "aws_sns_topic" "this" {
                  for_each = toset(["critical", "high", "medium", "low"])

                  name              = "${var.name}-${each.value}"
                  kms_master_key_id = var.kms_key
                }

                resource "aws_sns_topic_policy" "this" {
                  for_each = aws_sns_topic.this

                  arn = each.value.arn

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Sid       = "AlarmsAndBudgets"
                      Effect    = "Allow"
                      Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }
                      Action    = "sns:Publish"
                      Resource  = each.value.arn
                      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
                    }]
                  })
                }

                resource "aws_sns_topic_subscription" "web" {
                  for_each = {
                    for pair in flatten([
                      for level, addresses in var.listeners : [
                        for index, address in addresses : { key = "${level}-${index}", level = level, address = address }
                      ]
                    ]) : pair.key => pair
                  }

                  topic_arn = aws_sns_topic.this[each.value.level].arn
                  protocol  = "https"
                  endpoint  = each.value.address
                }

                resource "aws_sns_topic_subscription" "mail" {
                  for_each = { for pair in var.readers : "${pair.level} ${pair.address}" => pair }

                  topic_arn = aws_sns_topic.this[each.value.level].arn
                  protocol  = "email"
                  endpoint  = each.value.address
                }

                resource "aws_budgets_budget" "this" {
                  count = var.budget == null ? 0 : 1

                  name         = var.name
                  budget_type  = "COST"
                  time_unit    = "MONTHLY"
                  limit_amount = var.budget.amount
                  limit_unit   = var.budget.currency

                  dynamic "cost_filter" {
                    for_each = var.budget.tag == null ? [] : [var.budget.tag]

                    content {
                      name   = "TagKeyValue"
                      values = [cost_filter.value]
                    }
                  }

                  dynamic "notification" {
                    for_each = var.budget.warnings

                    content {
                      notification_type         = "FORECASTED"
                      comparison_operator       = "GREATER_THAN"
                      threshold                 = notification.value.percent
                      threshold_type            = "PERCENTAGE"
                      subscriber_sns_topic_arns = [aws_sns_topic.this[notification.value.level].arn]
                    }
                  }
                }

                """#,
            "outputs.tf": #"""
            output "topics" {
              description = "Where alarms go, by level."
              value       = { for level, topic in aws_sns_topic.this : level => topic.arn }
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "listeners" {
              description = "Web addresses that alarms are sent to, by level."
              type        = map(list(string))
              default     = {}
            }

            variable "readers" {
              description = "Who reads alarms by mail."
              type        = list(object({ level = string, address = string }))
              default     = []
            }

            variable "budget" {
              description = "Most money a month, and from which share of it a forecast is told to whom."
              type = object({
                amount   = string
                currency = string
                tag      = optional(string)
                warnings = list(object({ percent = number, level = string }))
              })
              default = null
            }

            variable "kms_key" {
              description = "Encrypts the messages."
              type        = string
            }

            """#,
        ])
}
