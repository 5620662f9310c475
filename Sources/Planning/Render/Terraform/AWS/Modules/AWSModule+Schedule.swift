extension AWSModule {
    /// A task that is started by the clock.
    static let schedule = AWSModule(
        "aws-schedule",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                resource "aws_scheduler_schedule" "this" {
                  name                = var.name
                  schedule_expression = var.expression
                  kms_key_arn         = var.kms_key

                  flexible_time_window {
                    mode = "OFF"
                  }

                  target {
                    arn      = var.cluster
                    role_arn = aws_iam_role.this.arn

                    ecs_parameters {
                      task_definition_arn = var.task.arn
                      launch_type         = var.spot ? null : "FARGATE"

                      dynamic "capacity_provider_strategy" {
                        for_each = var.spot ? ["FARGATE_SPOT"] : []

                        content {
                          capacity_provider = capacity_provider_strategy.value
                          weight            = 1
                        }
                      }

                      network_configuration {
                        subnets          = var.subnets
                        security_groups  = [var.task.security_group]
                        assign_public_ip = false
                      }
                    }

                    retry_policy {
                      maximum_retry_attempts       = 3
                      maximum_event_age_in_seconds = 300
                    }

                    # A start that did not happen is seen here.
                    dead_letter_config {
                      arn = aws_sqs_queue.dead.arn
                    }
                  }
                }

                resource "aws_sqs_queue" "dead" {
                  name                      = "${var.name}-not-started"
                  kms_master_key_id         = var.kms_key
                  message_retention_seconds = 1209600
                }

                resource "aws_iam_role" "this" {
                  name = "${var.name}-clock"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "scheduler.amazonaws.com" }
                      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
                    }]
                  })
                }

                resource "aws_iam_role_policy" "this" {
                  name = "start"
                  role = aws_iam_role.this.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [
                      {
                        Effect    = "Allow"
                        Action    = "ecs:RunTask"
                        Resource  = var.task.arn
                        Condition = { ArnEquals = { "ecs:cluster" = var.cluster } }
                      },
                      {
                        Effect    = "Allow"
                        Action    = "iam:PassRole"
                        Resource  = var.task.roles
                        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
                      },
                      { Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.dead.arn },
                      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = var.kms_key },
                    ]
                  })
                }

                """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and task."
              type        = string
            }

            variable "expression" {
              description = "When, in UTC."
              type        = string
            }

            variable "cluster" {
              description = "Where it runs."
              type        = string
            }

            variable "subnets" {
              description = "Private subnets."
              type        = list(string)
            }

            variable "task" {
              description = "What runs to its end."
              type        = object({ arn = string, security_group = string, roles = list(string) })
            }

            variable "spot" {
              description = "Run on capacity that may be taken back."
              type        = bool
              default     = false
            }

            variable "kms_key" {
              description = "Encrypts the schedule and what was not started."
              type        = string
            }

            """#,
        ])
}
