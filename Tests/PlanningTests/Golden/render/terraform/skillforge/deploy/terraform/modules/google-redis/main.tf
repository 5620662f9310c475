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
