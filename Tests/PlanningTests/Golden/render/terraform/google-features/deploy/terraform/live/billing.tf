# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

# Budgets are asked for in the name of a project that is there already.
provider "google" {
  alias                 = "billing"
  billing_project       = module.project.project_id
  user_project_override = true
}

# Told by e-mail to those who administer the billing account, own the project, and answer for the platform.
resource "google_billing_budget" "month" {
  provider        = google.billing
  billing_account = var.billing_account
  display_name    = "shop live"

  budget_filter {
    projects        = ["projects/${module.project.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = "EUR"
      units         = "99"
      nanos         = 500000000
    }
  }

  threshold_rules {
    threshold_percent = 0.8
    spend_basis       = "FORECASTED_SPEND"
  }

  # alerts.money
  threshold_rules {
    threshold_percent = 1.2
    spend_basis       = "FORECASTED_SPEND"
  }

  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "CURRENT_SPEND"
  }

  all_updates_rule {
    enable_project_level_recipients  = true
    monitoring_notification_channels = [google_monitoring_notification_channel.ana_shop_example.id]
  }
}
