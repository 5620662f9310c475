extension AWSModule {
    /// What runs in a container, as whom, and whom it reaches.
    static let task = AWSModule(
        "aws-task",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                data "aws_region" "this" {}

                locals {
                  logs = {
                    logDriver = "awslogs"
                    options = {
                      awslogs-group         = aws_cloudwatch_log_group.this.name
                      awslogs-region        = data.aws_region.this.name
                      awslogs-stream-prefix = var.container.name
                    }
                  }

                  main = {
                    name                   = var.container.name
                    image                  = var.container.image
                    essential              = true
                    entryPoint             = var.container.entrypoint
                    command                = var.container.command
                    cpu                    = var.container.cpu
                    memory                 = var.container.memory
                    user                   = var.container.user
                    readonlyRootFilesystem = var.container.read_only
                    stopTimeout            = var.container.stop
                    environment            = [for name, value in var.container.environment : { name = name, value = value }]
                    secrets                = [for name, place in var.container.secrets : { name = name, valueFrom = place }]
                    repositoryCredentials  = var.container.credentials == null ? null : { credentialsParameter = var.container.credentials }
                    logConfiguration       = local.logs
                    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
                    mountPoints            = var.container.read_only ? [{ sourceVolume = "tmp", containerPath = "/tmp" }] : []
                    dependsOn              = var.container.read_only ? [{ containerName = "tmp", condition = "SUCCESS" }] : []

                    portMappings = var.container.port == null ? [] : [{
                      name          = var.container.name
                      containerPort = var.container.port
                      protocol      = "tcp"
                      appProtocol   = "http"
                    }]

                    healthCheck = var.container.health == null ? null : {
                      command     = concat(["CMD"], var.container.health.command)
                      interval    = var.container.health.interval
                      timeout     = var.container.health.timeout
                      retries     = var.container.health.retries
                      startPeriod = var.container.health.start
                    }
                  }

                  # Fargate hands over an empty volume as root's: the only thing in a container that may be written to is opened first.
                  tmp = {
                    name                   = "tmp"
                    image                  = var.container.image
                    essential              = false
                    entryPoint             = ["chmod"]
                    command                = ["1777", "/tmp"]
                    user                   = "0"
                    readonlyRootFilesystem = true
                    repositoryCredentials  = local.main.repositoryCredentials
                    logConfiguration       = local.logs
                    linuxParameters        = { capabilities = { drop = ["ALL"] } }
                    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp" }]
                  }

                  # Takes the traces that the service sends to 127.0.0.1:4318 on to X-Ray.
                  collector = {
                    name                   = "collector"
                    image                  = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
                    essential              = false
                    command                = ["--config=/etc/ecs/ecs-default-config.yaml"]
                    readonlyRootFilesystem = true
                    logConfiguration       = local.logs
                    linuxParameters        = { capabilities = { drop = ["ALL"] } }
                  }

                  containers = concat(
                    [jsonencode({ for key, value in local.main : key => value if value != null })],
                    var.container.read_only ? [jsonencode({ for key, value in local.tmp : key => value if value != null })] : [],
                    var.traces ? [jsonencode(local.collector)] : [],
                  )

                  statements = concat(
                    var.statements,
                    var.traces ? [{ actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources = ["*"] }] : [],
                  )
                }

                resource "aws_ecs_task_definition" "this" {
                  family                   = var.name
                  requires_compatibilities = ["FARGATE"]
                  network_mode             = "awsvpc"
                  cpu                      = var.cpu
                  memory                   = var.memory
                  execution_role_arn       = aws_iam_role.execution.arn
                  task_role_arn            = aws_iam_role.task.arn
                  container_definitions    = "[${join(",", local.containers)}]"
                  skip_destroy             = true

                  dynamic "volume" {
                    for_each = var.container.read_only ? ["tmp"] : []

                    content {
                      name = volume.value
                    }
                  }

                  depends_on = [aws_iam_role_policy.execution]
                }

                resource "aws_cloudwatch_log_group" "this" {
                  name              = "/ecs/${var.name}"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                # What ECS may do to start it: take its image and its own secrets, write its own log.
                resource "aws_iam_role" "execution" {
                  name               = "${var.name}-start"
                  assume_role_policy = local.tasks
                }

                resource "aws_iam_role_policy" "execution" {
                  name   = "start"
                  role   = aws_iam_role.execution.id
                  policy = data.aws_iam_policy_document.execution.json
                }

                data "aws_iam_policy_document" "execution" {
                  statement {
                    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
                    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
                  }

                  dynamic "statement" {
                    for_each = var.repository == null ? [] : [var.repository]

                    content {
                      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
                      resources = [statement.value]
                    }
                  }

                  # Signing in to a registry of one's own cannot be limited further.
                  dynamic "statement" {
                    for_each = var.repository == null ? [] : ["*"]

                    content {
                      actions   = ["ecr:GetAuthorizationToken"]
                      resources = [statement.value]
                    }
                  }

                  dynamic "statement" {
                    for_each = length(var.secrets) == 0 ? [] : [var.secrets]

                    content {
                      actions   = ["secretsmanager:GetSecretValue"]
                      resources = statement.value
                    }
                  }

                  dynamic "statement" {
                    for_each = length(var.secrets) == 0 ? [] : [var.kms_key]

                    content {
                      actions   = ["kms:Decrypt"]
                      resources = [statement.value]
                    }
                  }
                }

                # What it may do while it runs: what its edges say and nothing else.
                resource "aws_iam_role" "task" {
                  name               = var.name
                  assume_role_policy = local.tasks
                }

                resource "aws_iam_role_policy" "task" {
                  count = length(local.statements) == 0 ? 0 : 1

                  name = "edges"
                  role = aws_iam_role.task.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [
                      for statement in local.statements : { Effect = "Allow", Action = statement.actions, Resource = statement.resources }
                    ]
                  })
                }

                locals {
                  tasks = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "ecs-tasks.amazonaws.com" }
                      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
                    }]
                  })
                }

                resource "aws_security_group" "this" {
                  name        = var.name
                  description = "Replicas of ${var.name}"
                  vpc_id      = var.vpc
                }

                # Each edge opens both its ends.
                resource "aws_vpc_security_group_egress_rule" "edge" {
                  for_each = var.reaches

                  security_group_id            = aws_security_group.this.id
                  description                  = "To ${each.key}"
                  referenced_security_group_id = each.value.security_group
                  ip_protocol                  = "tcp"
                  from_port                    = each.value.port
                  to_port                      = each.value.port
                }

                resource "aws_vpc_security_group_ingress_rule" "edge" {
                  for_each = var.reaches

                  security_group_id            = each.value.security_group
                  description                  = "From ${var.name}"
                  referenced_security_group_id = aws_security_group.this.id
                  ip_protocol                  = "tcp"
                  from_port                    = each.value.port
                  to_port                      = each.value.port
                }

                resource "aws_vpc_security_group_egress_rule" "endpoints" {
                  security_group_id            = aws_security_group.this.id
                  description                  = "To AWS's own services"
                  referenced_security_group_id = var.endpoints.security_group
                  ip_protocol                  = "tcp"
                  from_port                    = 443
                  to_port                      = 443
                }

                resource "aws_vpc_security_group_egress_rule" "s3" {
                  security_group_id = aws_security_group.this.id
                  description       = "To S3, which also holds the layers of images"
                  prefix_list_id    = var.endpoints.s3
                  ip_protocol       = "tcp"
                  from_port         = 443
                  to_port           = 443
                }

                resource "aws_vpc_security_group_egress_rule" "outside" {
                  count = var.outside ? 1 : 0

                  security_group_id = aws_security_group.this.id
                  description       = "To hosts outside, as far as their names are answered"
                  cidr_ipv4         = "0.0.0.0/0"
                  ip_protocol       = "tcp"
                  from_port         = 443
                  to_port           = 443
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The task definition with its revision."
              value       = aws_ecs_task_definition.this.arn
            }

            output "family" {
              description = "The task definition without its revision."
              value       = aws_ecs_task_definition.this.family
            }

            output "security_group" {
              description = "Who is called is reached through this group."
              value       = aws_security_group.this.id
            }

            output "log_group" {
              description = "Where it writes."
              value       = aws_cloudwatch_log_group.this.name
            }

            output "roles" {
              description = "Whom ECS may hand to it."
              value       = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and task."
              type        = string
            }

            variable "vpc" {
              description = "The network."
              type        = string
            }

            variable "endpoints" {
              description = "How AWS's own services are reached."
              type        = object({ security_group = string, s3 = string })
            }

            variable "cpu" {
              description = "Thousand-and-twenty-fourths of a processor, in a size that Fargate has."
              type        = number
            }

            variable "memory" {
              description = "MiB, in a size that Fargate has."
              type        = number
            }

            variable "container" {
              description = "What runs."
              type = object({
                name        = string
                image       = string
                entrypoint  = optional(list(string))
                command     = optional(list(string))
                port        = optional(number)
                cpu         = number
                memory      = number
                user        = optional(string)
                read_only   = optional(bool, false)
                stop        = optional(number, 30)
                environment = optional(map(string), {})
                secrets     = optional(map(string), {})
                credentials = optional(string)
                health = optional(object({
                  command  = list(string)
                  interval = number
                  timeout  = number
                  retries  = number
                  start    = number
                }))
              })
            }

            variable "repository" {
              description = "The repository of the image, where it is one of ECR's."
              type        = string
              default     = null
            }

            variable "secrets" {
              description = "Secrets whose values are handed over."
              type        = list(string)
              default     = []
            }

            variable "statements" {
              description = "What it may do."
              type        = list(object({ actions = list(string), resources = list(string) }))
              default     = []
            }

            variable "reaches" {
              description = "What it connects to."
              type        = map(object({ security_group = string, port = number }))
              default     = {}
            }

            variable "outside" {
              description = "Whether it reaches hosts outside."
              type        = bool
              default     = false
            }

            variable "traces" {
              description = "Whether its traces are collected."
              type        = bool
              default     = false
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts logs and secrets."
              type        = string
            }

            """#,
        ])
}
