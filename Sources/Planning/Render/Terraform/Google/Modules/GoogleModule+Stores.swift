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

    static let bucket = GoogleModule(
        name: "google-bucket",
        main: #"""
            resource "google_storage_bucket" "this" {
              project                     = var.project
              name                        = var.name
              location                    = var.location
              uniform_bucket_level_access = true
              public_access_prevention    = "enforced"
              labels                      = var.labels

              versioning {
                enabled = var.versioned
              }

              dynamic "custom_placement_config" {
                for_each = length(var.placement) > 0 ? [var.placement] : []

                content {
                  data_locations = custom_placement_config.value
                }
              }

              dynamic "lifecycle_rule" {
                for_each = var.keep_days[*]

                content {
                  action {
                    type = "Delete"
                  }

                  condition {
                    age = lifecycle_rule.value
                  }
                }
              }

              # Old versions go as well, so that nothing stays longer than was said.
              dynamic "lifecycle_rule" {
                for_each = var.versioned ? var.keep_days[*] : []

                content {
                  action {
                    type = "Delete"
                  }

                  condition {
                    days_since_noncurrent_time = lifecycle_rule.value
                  }
                }
              }

              # Uploads that were begun and never ended.
              lifecycle_rule {
                action {
                  type = "AbortIncompleteMultipartUpload"
                }

                condition {
                  age = 7
                }
              }
            }

            resource "google_storage_bucket_iam_member" "reader" {
              for_each = var.readers

              bucket = google_storage_bucket.this.name
              role   = "roles/storage.objectViewer"
              member = each.value
            }

            resource "google_storage_bucket_iam_member" "writer" {
              for_each = var.writers

              bucket = google_storage_bucket.this.name
              role   = "roles/storage.objectUser"
              member = each.value
            }

            output "name" {
              value = google_storage_bucket.this.name
            }

            output "url" {
              value = google_storage_bucket.this.url
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "location" {
              description = "A region, or a continent where `placement` names two of its regions."
              type        = string
            }

            variable "placement" {
              type    = list(string)
              default = []
            }

            variable "versioned" {
              type    = bool
              default = false
            }

            variable "keep_days" {
              description = "Objects are removed after so many days; never when null."
              type        = number
              default     = null
            }

            variable "readers" {
              description = "Accounts by name."
              type        = map(string)
              default     = {}
            }

            variable "writers" {
              description = "Accounts by name."
              type        = map(string)
              default     = {}
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)

    static let topic = GoogleModule(
        name: "google-topic",
        main: #"""
            locals {
              pubsub_agent = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
            }

            resource "google_pubsub_topic" "this" {
              project                    = var.project
              name                       = var.name
              message_retention_duration = var.retention
              labels                     = var.labels

              message_storage_policy {
                allowed_persistence_regions = var.regions
              }
            }

            resource "google_pubsub_topic_iam_member" "publisher" {
              for_each = var.publishers

              project = var.project
              topic   = google_pubsub_topic.this.name
              role    = "roles/pubsub.publisher"
              member  = each.value
            }

            resource "google_pubsub_subscription" "this" {
              for_each = var.subscribers

              project                    = var.project
              name                       = "${var.name}.${each.key}"
              topic                      = google_pubsub_topic.this.id
              ack_deadline_seconds       = 60
              message_retention_duration = coalesce(var.retention, "604800s")
              labels                     = var.labels

              # It stays although nobody reads for a while.
              expiration_policy {
                ttl = ""
              }

              retry_policy {
                minimum_backoff = "10s"
                maximum_backoff = "600s"
              }

              dynamic "push_config" {
                for_each = each.value.service == null ? [] : [each.value.endpoint]

                content {
                  push_endpoint = push_config.value

                  oidc_token {
                    service_account_email = google_service_account.push[each.key].email
                    audience              = push_config.value
                  }
                }
              }

              dynamic "dead_letter_policy" {
                for_each = var.dead_letter ? [google_pubsub_topic.dead[0].id] : []

                content {
                  dead_letter_topic     = dead_letter_policy.value
                  max_delivery_attempts = 5
                }
              }
            }

            # Who pulls reads its own subscription and no other.
            resource "google_pubsub_subscription_iam_member" "subscriber" {
              for_each = { for name, subscriber in var.subscribers : name => subscriber.member if subscriber.service == null }

              project      = var.project
              subscription = google_pubsub_subscription.this[each.key].name
              role         = "roles/pubsub.subscriber"
              member       = each.value
            }

            # Who is pushed to is called by an account that may call it and do nothing else.
            resource "google_service_account" "push" {
              for_each = { for name, subscriber in var.subscribers : name => subscriber if subscriber.service != null }

              project      = var.project
              account_id   = each.value.push_account_id
              display_name = "Pushes ${var.name} to ${each.key}"
            }

            resource "google_cloud_run_v2_service_iam_member" "push" {
              for_each = { for name, subscriber in var.subscribers : name => subscriber if subscriber.service != null }

              project  = var.project
              location = each.value.region
              name     = each.value.service
              role     = "roles/run.invoker"
              member   = google_service_account.push[each.key].member
            }

            resource "google_service_account_iam_member" "push_token" {
              for_each = google_service_account.push

              service_account_id = each.value.name
              role               = "roles/iam.serviceAccountTokenCreator"
              member             = local.pubsub_agent
            }

            # What was refused five times is kept for two weeks, to be looked at and sent again.
            resource "google_pubsub_topic" "dead" {
              count = var.dead_letter ? 1 : 0

              project = var.project
              name    = "${var.name}.dead"
              labels  = var.labels

              message_storage_policy {
                allowed_persistence_regions = var.regions
              }
            }

            resource "google_pubsub_subscription" "dead" {
              count = var.dead_letter ? 1 : 0

              project                    = var.project
              name                       = "${var.name}.dead"
              topic                      = google_pubsub_topic.dead[0].id
              message_retention_duration = "1209600s"
              labels                     = var.labels

              expiration_policy {
                ttl = ""
              }
            }

            resource "google_pubsub_topic_iam_member" "dead" {
              count = var.dead_letter ? 1 : 0

              project = var.project
              topic   = google_pubsub_topic.dead[0].name
              role    = "roles/pubsub.publisher"
              member  = local.pubsub_agent
            }

            # Pub/Sub takes a message off its subscription when it moves it to the dead ones.
            resource "google_pubsub_subscription_iam_member" "dead" {
              for_each = var.dead_letter ? google_pubsub_subscription.this : {}

              project      = var.project
              subscription = each.value.name
              role         = "roles/pubsub.subscriber"
              member       = local.pubsub_agent
            }

            output "name" {
              value = google_pubsub_topic.this.name
            }

            output "id" {
              value = google_pubsub_topic.this.id
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "project_number" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "regions" {
              description = "Where messages may lie."
              type        = list(string)
            }

            variable "retention" {
              description = "How long messages stay, in seconds; Pub/Sub's own time when null."
              type        = string
              default     = null
            }

            variable "dead_letter" {
              type    = bool
              default = true
            }

            variable "publishers" {
              description = "Accounts by name."
              type        = map(string)
              default     = {}
            }

            variable "subscribers" {
              description = "By name: the address that messages are pushed to, or none for who pulls them."
              type = map(object({
                member          = string
                endpoint        = optional(string)
                service         = optional(string)
                region          = optional(string)
                push_account_id = optional(string)
              }))
              default = {}
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)

    static let cluster = GoogleModule(
        name: "google-autopilot",
        main: #"""
            # Nodes run as an account that may write logs and metrics and pull images, not as the project's default one.
            resource "google_service_account" "nodes" {
              project      = var.project
              account_id   = var.nodes_account_id
              display_name = "Nodes of ${var.name}"
            }

            resource "google_project_iam_member" "nodes" {
              for_each = toset(["roles/artifactregistry.reader", "roles/container.defaultNodeServiceAccount"])

              project = var.project
              role    = each.key
              member  = google_service_account.nodes.member
            }

            # Autopilot: Google keeps the nodes. Neither they nor the control plane have public addresses; people come in
            # with `gcloud container clusters get-credentials --dns-endpoint`, which asks for their role.
            resource "google_container_cluster" "this" {
              project             = var.project
              location            = var.region
              name                = var.name
              enable_autopilot    = true
              network             = var.network
              subnetwork          = var.subnetwork
              min_master_version  = var.min_version
              deletion_protection = true
              resource_labels     = var.labels

              private_cluster_config {
                enable_private_nodes    = true
                enable_private_endpoint = true
              }

              control_plane_endpoints_config {
                dns_endpoint_config {
                  allow_external_traffic = true
                }
              }

              # Nobody by address.
              master_authorized_networks_config {}

              cluster_autoscaling {
                auto_provisioning_defaults {
                  service_account = google_service_account.nodes.email
                }
              }

              ip_allocation_policy {
                cluster_secondary_range_name  = "pods"
                services_secondary_range_name = "services"
              }

              release_channel {
                channel = "REGULAR"
              }

              master_auth {
                client_certificate_config {
                  issue_client_certificate = false
                }
              }
            }

            output "name" {
              value = google_container_cluster.this.name
            }

            output "url" {
              value = "https://${google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"
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

            variable "subnetwork" {
              type = string
            }

            variable "nodes_account_id" {
              type = string
            }

            variable "min_version" {
              type    = string
              default = null
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)

    static let site = GoogleModule(
        name: "google-site",
        main: #"""
            resource "google_storage_bucket" "this" {
              project                     = var.project
              name                        = var.bucket
              location                    = var.location
              uniform_bucket_level_access = true
              labels                      = var.labels

              website {
                main_page_suffix = "index.html"
                not_found_page   = var.spa ? "index.html" : "404.html"
              }

              # A release that is returned finds its files again.
              versioning {
                enabled = true
              }

              lifecycle_rule {
                action {
                  type = "Delete"
                }

                condition {
                  days_since_noncurrent_time = 30
                }
              }
            }

            # The files of a front end are everybody's; the load balancer reads them as everybody does.
            resource "google_storage_bucket_iam_member" "everybody" {
              bucket = google_storage_bucket.this.name
              role   = "roles/storage.objectViewer"
              member = "allUsers"
            }

            resource "google_compute_backend_bucket" "this" {
              project                 = var.project
              name                    = var.name
              bucket_name             = google_storage_bucket.this.name
              enable_cdn              = var.cdn
              compression_mode        = var.cdn ? "AUTOMATIC" : null
              custom_response_headers = var.response_headers

              dynamic "cdn_policy" {
                for_each = var.cdn ? [1] : []

                content {
                  cache_mode         = "CACHE_ALL_STATIC"
                  client_ttl         = 3600
                  default_ttl        = 3600
                  max_ttl            = 86400
                  negative_caching   = true
                  serve_while_stale  = 86400
                  request_coalescing = true
                }
              }
            }

            output "bucket" {
              value = google_storage_bucket.this.name
            }

            output "backend" {
              value = google_compute_backend_bucket.this.id
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "bucket" {
              type = string
            }

            variable "location" {
              type = string
            }

            variable "spa" {
              description = "Unknown paths are the browser's own."
              type        = bool
              default     = false
            }

            variable "cdn" {
              description = "Copies near the readers; releases drop them."
              type        = bool
              default     = false
            }

            variable "response_headers" {
              type    = list(string)
              default = []
            }

            variable "labels" {
              type    = map(string)
              default = {}
            }
            """#)
}
