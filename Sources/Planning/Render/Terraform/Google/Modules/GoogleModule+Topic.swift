extension GoogleModule {
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
}
