extension GoogleModule {
    static let network = GoogleModule(
        name: "google-network",
        main: #"""
            locals {
              internal = flatten([
                for subnetwork in var.subnetworks : compact([subnetwork.cidr, subnetwork.pods, subnetwork.services])
              ])
              # private.googleapis.com: Google's APIs and Cloud Run, reached without leaving Google's network.
              google_addresses = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"]
              google_domains   = toset(["gcr.io", "gke.goog", "googleapis.com", "pkg.dev", "run.app"])
            }

            resource "google_compute_network" "this" {
              project                 = var.project
              name                    = var.name
              auto_create_subnetworks = false
              routing_mode            = "GLOBAL"
            }

            resource "google_compute_subnetwork" "this" {
              for_each = var.subnetworks

              project                  = var.project
              region                   = each.key
              name                     = "${var.name}-${each.key}"
              network                  = google_compute_network.this.id
              ip_cidr_range            = each.value.cidr
              private_ip_google_access = true

              dynamic "secondary_ip_range" {
                for_each = each.value.pods == null ? {} : { pods = each.value.pods, services = each.value.services }

                content {
                  range_name    = secondary_ip_range.key
                  ip_cidr_range = secondary_ip_range.value
                }
              }

              log_config {
                aggregation_interval = "INTERVAL_10_MIN"
                flow_sampling        = 0.1
                metadata             = "INCLUDE_ALL_METADATA"
              }
            }

            # Firewall, the lowest priority number first: what is not allowed here is closed in both directions.

            resource "google_compute_firewall" "internal_in" {
              project       = var.project
              name          = "${var.name}-internal-in"
              network       = google_compute_network.this.id
              direction     = "INGRESS"
              priority      = 1000
              source_ranges = local.internal

              allow {
                protocol = "tcp"
              }

              allow {
                protocol = "udp"
              }

              allow {
                protocol = "icmp"
              }
            }

            resource "google_compute_firewall" "databases_closed" {
              project       = var.project
              name          = "${var.name}-databases-closed"
              network       = google_compute_network.this.id
              direction     = "INGRESS"
              priority      = 2000
              source_ranges = ["0.0.0.0/0"]

              deny {
                protocol = "tcp"
                ports    = ["5432", "6378", "6379"]
              }

              log_config {
                metadata = "INCLUDE_ALL_METADATA"
              }
            }

            resource "google_compute_firewall" "internal_out" {
              project            = var.project
              name               = "${var.name}-internal-out"
              network            = google_compute_network.this.id
              direction          = "EGRESS"
              priority           = 1000
              destination_ranges = local.internal

              allow {
                protocol = "all"
              }
            }

            resource "google_compute_firewall" "google_out" {
              project            = var.project
              name               = "${var.name}-google-out"
              network            = google_compute_network.this.id
              direction          = "EGRESS"
              priority           = 1000
              destination_ranges = ["199.36.153.8/30"]

              allow {
                protocol = "tcp"
                ports    = ["443"]
              }
            }

            # One rule a store: only who has an edge to it carries its tag.
            resource "google_compute_firewall" "store_out" {
              for_each = var.stores

              project            = var.project
              name               = "${var.name}-${each.key}-out"
              network            = google_compute_network.this.id
              direction          = "EGRESS"
              priority           = 1000
              target_tags        = ["uses-${each.key}"]
              destination_ranges = ["${google_compute_global_address.stores[0].address}/${google_compute_global_address.stores[0].prefix_length}"]

              allow {
                protocol = "tcp"
                ports    = [each.value]
              }
            }

            resource "google_compute_firewall" "outside_out" {
              count = var.outbound ? 1 : 0

              project            = var.project
              name               = "${var.name}-outside-out"
              network            = google_compute_network.this.id
              direction          = "EGRESS"
              priority           = 1000
              target_tags        = ["outbound"]
              destination_ranges = ["0.0.0.0/0"]

              allow {
                protocol = "tcp"
                ports    = ["443"]
              }
            }

            resource "google_compute_firewall" "closed_out" {
              project            = var.project
              name               = "${var.name}-closed-out"
              network            = google_compute_network.this.id
              direction          = "EGRESS"
              priority           = 65000
              destination_ranges = ["0.0.0.0/0"]

              deny {
                protocol = "all"
              }

              log_config {
                metadata = "INCLUDE_ALL_METADATA"
              }
            }

            # Google's names lead to the private addresses, so that nobody needs a way out for them.
            resource "google_dns_managed_zone" "google" {
              for_each = local.google_domains

              project    = var.project
              name       = "${var.name}-${replace(each.key, ".", "-")}"
              dns_name   = "${each.key}."
              visibility = "private"

              private_visibility_config {
                networks {
                  network_url = google_compute_network.this.id
                }
              }
            }

            resource "google_dns_record_set" "google" {
              for_each = local.google_domains

              project      = var.project
              managed_zone = google_dns_managed_zone.google[each.key].name
              name         = "${each.key}."
              type         = "A"
              ttl          = 300
              rrdatas      = local.google_addresses
            }

            resource "google_dns_record_set" "below_google" {
              for_each = local.google_domains

              project      = var.project
              managed_zone = google_dns_managed_zone.google[each.key].name
              name         = "*.${each.key}."
              type         = "CNAME"
              ttl          = 300
              rrdatas      = ["${each.key}."]
            }

            # Where Google keeps Cloud SQL and Memorystore: addresses of this network and no others.
            resource "google_compute_global_address" "stores" {
              count = length(var.stores) > 0 ? 1 : 0

              project       = var.project
              name          = "${var.name}-stores"
              network       = google_compute_network.this.id
              purpose       = "VPC_PEERING"
              address_type  = "INTERNAL"
              address       = "10.240.0.0"
              prefix_length = 20
            }

            resource "google_service_networking_connection" "stores" {
              count = length(var.stores) > 0 ? 1 : 0

              network                 = google_compute_network.this.id
              service                 = "servicenetworking.googleapis.com"
              reserved_peering_ranges = [google_compute_global_address.stores[0].name]
            }

            # The way out, for those that name outside hosts.
            resource "google_compute_router" "this" {
              for_each = var.outbound ? var.subnetworks : {}

              project = var.project
              region  = each.key
              name    = "${var.name}-${each.key}"
              network = google_compute_network.this.id
            }

            resource "google_compute_router_nat" "this" {
              for_each = var.outbound ? var.subnetworks : {}

              project                            = var.project
              region                             = each.key
              name                               = "${var.name}-${each.key}"
              router                             = google_compute_router.this[each.key].name
              nat_ip_allocate_option             = "AUTO_ONLY"
              source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"

              log_config {
                enable = true
                filter = "ERRORS_ONLY"
              }
            }

            output "id" {
              value = google_compute_network.this.id
            }

            output "subnetworks" {
              description = "Ids by region."
              value       = { for region, subnetwork in google_compute_subnetwork.this : region => subnetwork.id }
            }

            # Whoever takes the network's id from here waits until stores can be placed in it.
            output "stores_network" {
              value = one(google_service_networking_connection.stores[*].network)
            }
            """#,
        variables: #"""
            variable "project" {
              type = string
            }

            variable "name" {
              type = string
            }

            variable "subnetworks" {
              description = "Address ranges by region; pods and services where a cluster stands."
              type = map(object({
                cidr     = string
                pods     = optional(string)
                services = optional(string)
              }))
            }

            variable "stores" {
              description = "The port of each database and cache by its name."
              type        = map(string)
              default     = {}
            }

            variable "outbound" {
              description = "Whether anybody may leave Google's network."
              type        = bool
              default     = false
            }
            """#)
}
