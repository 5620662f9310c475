extension AWSModule {
    /// A PostgreSQL server.
    static let postgres = AWSModule(
        "aws-postgres",
        files: [
            "main.tf": versions + #"""
                resource "aws_db_subnet_group" "this" {
                  name       = var.name
                  subnet_ids = var.subnets
                }

                resource "aws_security_group" "this" {
                  name        = "${var.name}-db"
                  description = "PostgreSQL; who uses it lets itself in"
                  vpc_id      = var.vpc
                }

                resource "aws_db_parameter_group" "this" {
                  name   = var.name
                  family = "postgres${var.engine_version}"

                  # Nobody speaks with it in the clear, whatever a client's default is.
                  parameter {
                    name  = "rds.force_ssl"
                    value = "1"
                  }

                  parameter {
                    name  = "log_min_duration_statement"
                    value = "1000"
                  }

                  lifecycle {
                    create_before_destroy = true
                  }
                }

                resource "aws_db_instance" "this" {
                  identifier     = var.name
                  engine         = "postgres"
                  engine_version = var.engine_version
                  instance_class = var.class
                  db_name        = var.database
                  tags           = var.tags

                  allocated_storage     = var.storage
                  max_allocated_storage = var.storage * 2
                  storage_type          = "gp3"
                  storage_encrypted     = true
                  kms_key_id            = var.kms_key

                  # Made and renewed by RDS in Secrets Manager; neither Terraform nor its state knows it.
                  username                      = "postgres"
                  manage_master_user_password   = true
                  master_user_secret_kms_key_id = var.kms_key

                  multi_az               = var.standby
                  publicly_accessible    = false
                  db_subnet_group_name   = aws_db_subnet_group.this.name
                  vpc_security_group_ids = [aws_security_group.this.id]
                  parameter_group_name   = aws_db_parameter_group.this.name

                  # Logs of every change are kept as long as the copies: back to any second of that time, at most five minutes are lost.
                  backup_retention_period   = var.backup_days
                  backup_window             = "02:00-03:00"
                  maintenance_window        = "sun:03:30-sun:04:30"
                  copy_tags_to_snapshot     = true
                  delete_automated_backups  = false
                  deletion_protection       = true
                  skip_final_snapshot       = false
                  final_snapshot_identifier = "${var.name}-final"

                  auto_minor_version_upgrade      = true
                  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
                  performance_insights_enabled    = true
                  performance_insights_kms_key_id = var.kms_key
                  monitoring_interval             = 60
                  monitoring_role_arn             = aws_iam_role.monitoring.arn

                  depends_on = [aws_cloudwatch_log_group.this]
                }

                resource "aws_cloudwatch_log_group" "this" {
                  for_each = toset(["postgresql", "upgrade"])

                  name              = "/aws/rds/instance/${var.name}/${each.value}"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                resource "aws_iam_role" "monitoring" {
                  name = "${var.name}-monitoring"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "monitoring.rds.amazonaws.com" }
                    }]
                  })
                }

                resource "aws_iam_role_policy_attachment" "monitoring" {
                  role       = aws_iam_role.monitoring.name
                  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
                }

                """#,
            "outputs.tf": #"""
            output "id" {
              description = "The server, as metrics name it."
              value       = aws_db_instance.this.identifier
            }

            output "arn" {
              description = "The server."
              value       = aws_db_instance.this.arn
            }

            output "host" {
              description = "Its address."
              value       = aws_db_instance.this.address
            }

            output "security_group" {
              description = "Who uses it lets itself into this group."
              value       = aws_security_group.this.id
            }

            output "master_secret" {
              description = "The owner's name and password, for who makes roles."
              value       = aws_db_instance.this.master_user_secret[0].secret_arn
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and database."
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
              description = "Major version of PostgreSQL."
              type        = string
            }

            variable "class" {
              description = "The machine."
              type        = string
            }

            variable "storage" {
              description = "GiB; grows by itself to twice as much."
              type        = number
            }

            variable "database" {
              description = "Name of the database."
              type        = string
            }

            variable "standby" {
              description = "Whether a second server in another zone takes over."
              type        = bool
              default     = false
            }

            variable "backup_days" {
              description = "Days that copies stay; 0 makes none."
              type        = number
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts data, copies and logs."
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
