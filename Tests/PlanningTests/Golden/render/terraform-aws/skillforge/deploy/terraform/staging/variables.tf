# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "release" {
  description = "Tag of the images that run: the commit's."
  type        = string
}

variable "dns_zone" {
  description = "The hosted zone of Route 53 that holds the names; it is there already."
  type        = string
  default     = "staging.skillforge.example"
}

variable "listeners" {
  description = "Web addresses that alarms are sent to, by level: `hauban serve`'s, or PagerDuty's for CloudWatch."
  type        = map(list(string))
  default     = {}
}
