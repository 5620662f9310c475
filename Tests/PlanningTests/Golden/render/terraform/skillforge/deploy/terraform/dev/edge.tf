# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

locals {
  hosts = ["api.dev.skillforge.example", "app.dev.skillforge.example"]
}

resource "google_compute_global_address" "edge" {
  project = local.project
  name    = "edge"
}

module "backend_api_gateway" {
  source = "../modules/google-backend"

  project          = local.project
  name             = "api-gateway"
  services         = { for region, service in module.service_api_gateway : region => service.name }
  response_headers = ["Strict-Transport-Security: max-age=31536000"]
  filtered_paths   = ["/"]
}

resource "google_compute_url_map" "edge" {
  project = local.project
  name    = "edge"

  # Who comes by another name, or by none.
  default_url_redirect {
    host_redirect  = local.hosts[0]
    https_redirect = true
    strip_query    = false
  }

  host_rule {
    hosts        = ["api.dev.skillforge.example"]
    path_matcher = "api-dev-skillforge-example"
  }

  path_matcher {
    name            = "api-dev-skillforge-example"
    default_service = module.backend_api_gateway.id
  }

  host_rule {
    hosts        = ["app.dev.skillforge.example"]
    path_matcher = "app-dev-skillforge-example"
  }

  path_matcher {
    name            = "app-dev-skillforge-example"
    default_service = module.site_frontend.backend

    path_rule {
      paths   = ["/*"]
      service = module.site_frontend.backend

      # Paths that only the browser knows.
      custom_error_response_policy {
        error_service = module.site_frontend.backend

        error_response_rule {
          match_response_codes   = ["404"]
          path                   = "/index.html"
          override_response_code = 200
        }
      }
    }
  }
}

# Given out once the A records of all hosts point here. A host more makes a new one before the old one goes.
resource "google_compute_managed_ssl_certificate" "edge" {
  project = local.project
  name    = "edge-${substr(sha256(join(",", local.hosts)), 0, 8)}"

  managed {
    domains = local.hosts
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "edge" {
  project         = local.project
  name            = "edge"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "edge" {
  project          = local.project
  name             = "edge"
  url_map          = google_compute_url_map.edge.id
  ssl_certificates = [google_compute_managed_ssl_certificate.edge.id]
  ssl_policy       = google_compute_ssl_policy.edge.id
}

resource "google_compute_global_forwarding_rule" "https" {
  project               = local.project
  name                  = "https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.edge.id
}

# Nothing is answered in the clear but where it stands over TLS.
resource "google_compute_url_map" "redirect" {
  project = local.project
  name    = "redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_target_http_proxy" "edge" {
  project = local.project
  name    = "edge"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "http" {
  project               = local.project
  name                  = "http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.edge.id
}
