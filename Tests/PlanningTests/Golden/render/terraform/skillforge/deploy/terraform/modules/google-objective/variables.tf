# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "service" {
  type = string
}

variable "availability" {
  description = "Share of requests, 0 to 1."
  type        = number
  default     = null
}

variable "latency" {
  description = "By quantile: the share of requests, and the time that they may take."
  type = map(object({
    share        = number
    milliseconds = number
  }))
  default = {}
}

variable "window_days" {
  type    = number
  default = 30
}

variable "alerts" {
  description = "Whether somebody is told when the budget burns."
  type        = bool
  default     = true
}

variable "page_channels" {
  type    = list(string)
  default = []
}

variable "ticket_channels" {
  type    = list(string)
  default = []
}
