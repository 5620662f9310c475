extension AWSModule {
    /// A Redis.
    static let redis = AWSModule(
        "aws-redis",
        files: [
            "main.tf": versions + #"""
                resource "aws_elasticache_subnet_group" "this" {
                  name       = var.name
                  subnet_ids = var.subnets
                }

                resource "aws_security_group" "this" {
                  name        = "${var.name}-cache"
                  description = "Redis; who uses it lets itself in"
                  vpc_id      = var.vpc
                }

                resource "aws_elasticache_parameter_group" "this" {
                  name   = var.name
                  family = var.family

                  parameter {
                    name  = "maxmemory-policy"
                    value = var.eviction
                  }

                  lifecycle {
                    create_before_destroy = true
                  }
                }

                resource "aws_elasticache_replication_group" "this" {
                  replication_group_id = var.name
                  description          = "Redis of ${var.name}"
                  engine               = "redis"
                  engine_version       = var.engine_version
                  node_type            = var.class
                  parameter_group_name = aws_elasticache_parameter_group.this.name
                  tags                 = var.tags

                  num_cache_clusters         = var.standby ? 2 : 1
                  automatic_failover_enabled = var.standby
                  multi_az_enabled           = var.standby

                  subnet_group_name          = aws_elasticache_subnet_group.this.name
                  security_group_ids         = [aws_security_group.this.id]
                  at_rest_encryption_enabled = true
                  kms_key_id                 = var.kms_key
                  transit_encryption_enabled = true
                  transit_encryption_mode    = "required"

                  snapshot_retention_limit   = var.backup_days
                  snapshot_window            = "02:00-03:00"
                  maintenance_window         = "sun:03:30-sun:04:30"
                  auto_minor_version_upgrade = true
                  apply_immediately          = true

                  log_delivery_configuration {
                    destination      = aws_cloudwatch_log_group.this.name
                    destination_type = "cloudwatch-logs"
                    log_format       = "json"
                    log_type         = "slow-log"
                  }
                }

                resource "aws_cloudwatch_log_group" "this" {
                  name              = "/elasticache/${var.name}"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                """#,
            "outputs.tf": #"""
            output "id" {
              description = "The first server, as metrics name it."
              value       = "${aws_elasticache_replication_group.this.id}-001"
            }

            output "host" {
              description = "Where writers go."
              value       = aws_elasticache_replication_group.this.primary_endpoint_address
            }

            output "security_group" {
              description = "Who uses it lets itself into this group."
              value       = aws_security_group.this.id
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and cache."
              type        = string
            }

            variable "vpc" {
              description = "The network."
              type        = string
            }

            variable "subnets" {
              description = "Private subnets in at least two zones."
              type        = list(string)
            }

            variable "engine_version" {
              description = "Version of Redis."
              type        = string
            }

            variable "family" {
              description = "Family of parameters of that version."
              type        = string
            }

            variable "class" {
              description = "The machine."
              type        = string
            }

            variable "eviction" {
              description = "What a full cache forgets."
              type        = string
            }

            variable "standby" {
              description = "Whether a second server in another zone takes over."
              type        = bool
              default     = false
            }

            variable "backup_days" {
              description = "Days that snapshots stay; 0 makes none."
              type        = number
              default     = 0
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts data and logs."
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
