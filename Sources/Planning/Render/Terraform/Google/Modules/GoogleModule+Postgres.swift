extension GoogleModule {
    static let postgres = GoogleModule(
        name: "google-postgres",
        main: #"""
            resource "google_sql_database_instance" "this" {
              project             = var.project
              region              = var.region
              name                = var.name
              database_version    = "POSTGRES_${var.postgres_version}"
              deletion_protection = true

              settings {
                edition                     = "ENTERPRISE"
                tier                        = var.tier
                availability_type           = var.standby ? "REGIONAL" : "ZONAL"
                disk_type                   = "PD_SSD"
                disk_size                   = var.disk_gb
                disk_autoresize             = true
                deletion_protection_enabled = true
                user_labels                 = var.labels

                # No public address at all, and nothing in the clear on the private one.
                ip_configuration {
                  ipv4_enabled    = false
                  private_network = var.network
                  ssl_mode        = "ENCRYPTED_ONLY"
                }

                backup_configuration {
                  enabled                        = var.backup != null
                  point_in_time_recovery_enabled = var.backup != null
                  start_time                     = var.backup != null ? "02:00" : null
                  location                       = try(var.backup.location, null)
                  transaction_log_retention_days = try(var.backup.log_days, null)

                  dynamic "backup_retention_settings" {
                    for_each = var.backup[*]

                    content {
                      retained_backups = backup_retention_settings.value.copies
                      retention_unit   = "COUNT"
                    }
                  }
                }

                insights_config {
                  query_insights_enabled  = true
                  record_application_tags = true
                }

                maintenance_window {
                  day          = 7
                  hour         = 3
                  update_track = "stable"
                }

                dynamic "database_flags" {
                  for_each = var.flags

                  content {
                    name  = database_flags.key
                    value = database_flags.value
                  }
                }
              }
            }

            resource "google_sql_database" "this" {
              project  = var.project
              instance = google_sql_database_instance.this.name
              name     = var.database
              # It cannot be dropped while anybody is connected; it goes with the instance.
              deletion_policy = "ABANDON"
            }

            # The passwords that an administrator gave: they pass through and are kept neither in a plan nor in the state.
            ephemeral "google_secret_manager_secret_version" "password" {
              for_each = var.users

              project = var.project
              secret  = each.value
            }

            # One role a service. What it may do in the database is said by the grants file beside the root.
            resource "google_sql_user" "this" {
              for_each = var.users

              project             = var.project
              instance            = google_sql_database_instance.this.name
              name                = each.key
              password_wo         = ephemeral.google_secret_manager_secret_version.password[each.key].secret_data
              password_wo_version = var.password_version
              # A role that owns tables cannot be dropped: it stays until somebody has moved them.
              deletion_policy = "ABANDON"
            }

            output "instance" {
              value = google_sql_database_instance.this.name
            }

            output "host" {
              value = google_sql_database_instance.this.private_ip_address
            }

            output "database" {
              value = google_sql_database.this.name
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "region" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "network" {
              description = "The network in which it has its only address."
              type        = string
            }

            variable "postgres_version" {
              type = number
            }

            variable "database" {
              type = string
            }

            variable "tier" {
              type = string
            }

            variable "disk_gb" {
              type = number
            }

            variable "standby" {
              description = "A second server in another zone, which takes over by itself."
              type        = bool
              default     = false
            }

            variable "backup" {
              description = "Daily copies to keep, days of transaction logs, and where the copies lie; none when null."
              type = object({
                copies   = number
                log_days = number
                location = optional(string)
              })
              default = null
            }

            variable "users" {
              description = "The id of the secret that holds each role's password, by role."
              type        = map(string)
              default     = {}
            }

            variable "password_version" {
              description = "Raise it after a password was renewed: Terraform cannot see that it was."
              type        = number
              default     = 1
            }

            variable "flags" {
              type = map(string)
              default = {
                log_checkpoints         = "on"
                log_connections         = "on"
                log_disconnections      = "on"
                log_hostname            = "on"
                log_lock_waits          = "on"
                log_min_error_statement = "error"
                log_min_messages        = "warning"
                log_statement           = "ddl"
              }
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)
}
