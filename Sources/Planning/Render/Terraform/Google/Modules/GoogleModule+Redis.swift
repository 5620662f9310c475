extension GoogleModule {
    static let redis = GoogleModule(
        name: "google-redis",
        main: #"""
            # The AUTH string is made by Google and read back into the state: one more reason why its bucket is closed.
            resource "google_redis_instance" "this" {
              project                 = var.project
              region                  = var.region
              name                    = var.name
              tier                    = var.standby ? "STANDARD_HA" : "BASIC"
              memory_size_gb          = var.memory_gb
              redis_version           = var.redis_version
              authorized_network      = var.network
              connect_mode            = "PRIVATE_SERVICE_ACCESS"
              auth_enabled            = true
              transit_encryption_mode = var.tls ? "SERVER_AUTHENTICATION" : "DISABLED"
              redis_configs           = { maxmemory-policy = var.eviction }
              labels                  = var.labels

              dynamic "persistence_config" {
                for_each = var.snapshots[*]

                content {
                  persistence_mode    = "RDB"
                  rdb_snapshot_period = persistence_config.value
                }
              }

              maintenance_policy {
                weekly_maintenance_window {
                  day = "SUNDAY"

                  start_time {
                    hours = 3
                  }
                }
              }

              lifecycle {
                prevent_destroy = true
              }
            }

            output "id" {
              value = google_redis_instance.this.id
            }

            output "host" {
              value = google_redis_instance.this.host
            }

            output "port" {
              value = google_redis_instance.this.port
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
              type = string
            }

            variable "redis_version" {
              type = string
            }

            variable "memory_gb" {
              type = number
            }

            variable "standby" {
              description = "A second server in another zone, which takes over by itself."
              type        = bool
              default     = false
            }

            variable "eviction" {
              description = "What a full server forgets."
              type        = string
              default     = "noeviction"
            }

            variable "snapshots" {
              description = "Time between copies to disk; none when null."
              type        = string
              default     = null
            }

            variable "tls" {
              description = "Clients then need the instance's own certificate authority."
              type        = bool
              default     = false
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)
}
