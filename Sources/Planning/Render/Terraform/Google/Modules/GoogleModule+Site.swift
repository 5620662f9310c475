extension GoogleModule {
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
