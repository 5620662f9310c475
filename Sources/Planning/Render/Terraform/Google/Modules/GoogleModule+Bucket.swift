extension GoogleModule {
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
}
