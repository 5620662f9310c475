# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "task_api" {
  source = "../modules/aws-task"

  name      = "cognitive-sprint-prod-api"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 512
  memory    = 1024

  container = {
    name  = "api"
    image = "${module.image_api.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://api_role:$DB_PASSWORD@${module.postgres_db.host}:5432/cognitive_sprint?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["python", "-m", "app"]
    port    = 8000
    cpu     = 512
    memory  = 512
    stop    = 25
    environment = {
      LANGCHAIN_TRACING_V2 = "true"
      LLM_PROVIDER         = "openai"
      LOG_LEVEL            = "WARNING"
      OPENAI_MODEL         = "gpt-4o-mini"
      SHUTDOWN_SECONDS     = "20"
      SPRINT_MAX_ROUNDS    = "2"
    }
    secrets = {
      DB_PASSWORD       = module.password_db_api.arn
      LANGCHAIN_API_KEY = module.secret_langsmith.arn
      OPENAI_API_KEY    = module.secret_openai.arn
      SEARCH_API_KEY    = module.secret_search.arn
    }
    health = {
      command = [
        "python",
        "-c",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/live', timeout=5)",
      ]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_api.arn
  secrets = [
    module.password_db_api.arn,
    module.secret_langsmith.arn,
    module.secret_openai.arn,
    module.secret_search.arn,
  ]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  logs_keep = 30
  kms_key   = module.key.arn
}

# Run before the release that needs it: aws-run.sh prod api-migration.
module "migration_api" {
  source = "../modules/aws-task"

  name      = "cognitive-sprint-prod-api-migration"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 512
  memory    = 1024

  container = {
    name  = "api"
    image = "${module.image_api.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://api_role:$DB_PASSWORD@${module.postgres_db.host}:5432/cognitive_sprint?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["alembic", "upgrade", "head"]
    cpu     = 512
    memory  = 512
    stop    = 25
    environment = {
      LANGCHAIN_TRACING_V2 = "true"
      LLM_PROVIDER         = "openai"
      LOG_LEVEL            = "WARNING"
      OPENAI_MODEL         = "gpt-4o-mini"
      SHUTDOWN_SECONDS     = "20"
      SPRINT_MAX_ROUNDS    = "2"
    }
    secrets = {
      DB_PASSWORD       = module.password_db_api.arn
      LANGCHAIN_API_KEY = module.secret_langsmith.arn
      OPENAI_API_KEY    = module.secret_openai.arn
      SEARCH_API_KEY    = module.secret_search.arn
    }
  }

  repository = module.image_api.arn
  secrets = [
    module.password_db_api.arn,
    module.secret_langsmith.arn,
    module.secret_openai.arn,
    module.secret_search.arn,
  ]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "service_api" {
  source = "../modules/aws-service"

  name       = "cognitive-sprint-prod-api"
  service    = "api"
  short_name = "cognitive-sprint-prod-api"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_api
  port       = 8000
  edge       = module.edge
  routes = {
    "sprint.example/health" = {
      priority = 10
      host     = "sprint.example"
      path     = "/health"
    }
    "sprint.example/api" = {
      priority = 20
      host     = "sprint.example"
      path     = "/api"
    }
  }
  health = {
    path     = "/health"
    interval = 10
    timeout  = 5
    passes   = 2
    failures = 3
    start    = 60
  }
  drain = 20
  scale = {
    min = 2
    max = 6
    cpu = 70
  }
}

module "task_frontend" {
  source = "../modules/aws-task"

  name      = "cognitive-sprint-prod-frontend"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 256
  memory    = 512

  container = {
    name      = "frontend"
    image     = "${module.image_frontend.url}:${var.release}"
    port      = 8080
    cpu       = 256
    memory    = 256
    user      = "101:101"
    read_only = true
    stop      = 10
    health = {
      command  = ["wget", "-q", "-T", "5", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_frontend.arn
  logs_keep  = 30
  kms_key    = module.key.arn
}

module "service_frontend" {
  source = "../modules/aws-service"

  name       = "cognitive-sprint-prod-frontend"
  service    = "frontend"
  short_name = "cognitive-sprint-prod-frontend"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_frontend
  port       = 8080
  edge       = module.edge
  routes = {
    "sprint.example/" = {
      priority = 30
      host     = "sprint.example"
      path     = "/"
    }
  }
  health = {
    interval = 10
    timeout  = 5
    passes   = 2
    failures = 3
    start    = 60
  }
  drain = 30
  scale = {
    min = 1
    max = 1
  }
}

module "task_summariser" {
  source = "../modules/aws-task"

  name      = "cognitive-sprint-prod-summariser"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 256
  memory    = 512

  container = {
    name  = "summariser"
    image = "${module.image_api.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://summariser_role:$DB_PASSWORD@${module.postgres_db.host}:5432/cognitive_sprint?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["python", "-m", "app.worker"]
    cpu     = 256
    memory  = 256
    stop    = 10
    environment = {
      LANGCHAIN_TRACING_V2 = "true"
      LLM_PROVIDER         = "openai"
      LOG_LEVEL            = "INFO"
      OPENAI_MODEL         = "gpt-4o-mini"
    }
    secrets = {
      DB_PASSWORD       = module.password_db_summariser.arn
      LANGCHAIN_API_KEY = module.secret_langsmith.arn
      OPENAI_API_KEY    = module.secret_openai.arn
    }
    health = {
      command = [
        "/bin/sh",
        "-euc",
        "export DATABASE_URL=\"postgresql://summariser_role:$DB_PASSWORD@${module.postgres_db.host}:5432/cognitive_sprint?sslmode=require\"\nexec \"$@\"",
        "sh",
        "python",
        "-m",
        "app.worker",
        "check",
      ]
      interval = 15
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_api.arn
  secrets    = [module.password_db_summariser.arn, module.secret_langsmith.arn, module.secret_openai.arn]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "service_summariser" {
  source = "../modules/aws-service"

  name       = "cognitive-sprint-prod-summariser"
  service    = "summariser"
  short_name = "cognitive-sprint-prod-summariser"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_summariser
  scale = {
    min = 1
    max = 1
  }
  replace = true
}
