# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "name" {
  type = string
}

variable "services" {
  description = "The Cloud Run service of each region."
  type        = map(string)
}

variable "response_headers" {
  type    = list(string)
  default = []
}

variable "filtered_paths" {
  description = "Paths whose requests are looked at for attacks."
  type        = list(string)
  default     = []
}

variable "rates" {
  description = "Most requests of one address in so many seconds, by path."
  type = list(object({
    path    = string
    count   = number
    seconds = number
  }))
  default = []
}
