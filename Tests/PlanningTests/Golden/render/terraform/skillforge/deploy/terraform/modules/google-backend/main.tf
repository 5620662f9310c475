# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

resource "google_compute_region_network_endpoint_group" "this" {
  for_each = var.services

  project               = var.project
  region                = each.key
  name                  = var.name
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = each.value
  }
}

resource "google_compute_backend_service" "this" {
  project                 = var.project
  name                    = var.name
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  protocol                = "HTTPS"
  security_policy         = one(google_compute_security_policy.this[*].id)
  custom_response_headers = var.response_headers

  dynamic "backend" {
    for_each = google_compute_region_network_endpoint_group.this

    content {
      group = backend.value.id
    }
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

locals {
  # Google's rule sets for what attacks look like, each at its least touchy.
  attacks = [
    "sqli-v33-stable", "xss-v33-stable", "lfi-v33-stable", "rfi-v33-stable", "rce-v33-stable",
    "methodenforcement-v33-stable", "scannerdetection-v33-stable", "protocolattack-v33-stable",
    "sessionfixation-v33-stable", "cve-canary",
  ]
  filters = flatten([
    for path in var.filtered_paths : [
      for attack in local.attacks : {
        description = attack
        expression  = "${path == "/" ? "" : "request.path.startsWith('${path}') && "}evaluatePreconfiguredWaf('${attack}', {'sensitivity': 1})"
      }
    ]
  ])
}

resource "google_compute_security_policy" "this" {
  count = length(local.filters) + length(var.rates) > 0 ? 1 : 0

  project = var.project
  name    = var.name

  dynamic "rule" {
    for_each = local.filters
    iterator = filter

    content {
      action      = "deny(403)"
      priority    = 100 + filter.key
      description = filter.value.description

      match {
        expr {
          expression = filter.value.expression
        }
      }
    }
  }

  dynamic "rule" {
    for_each = var.rates
    iterator = rate

    content {
      action      = "throttle"
      priority    = 1000 + rate.key
      description = "Most requests of one address to ${rate.value.path}"

      match {
        expr {
          expression = "request.path.startsWith('${rate.value.path}')"
        }
      }

      rate_limit_options {
        conform_action = "allow"
        exceed_action  = "deny(429)"
        enforce_on_key = "IP"

        rate_limit_threshold {
          count        = rate.value.count
          interval_sec = rate.value.seconds
        }
      }
    }
  }

  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everything else"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

output "id" {
  value = google_compute_backend_service.this.id
}
