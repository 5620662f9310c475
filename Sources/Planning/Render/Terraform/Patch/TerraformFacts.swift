/// What the resources that stand in rendered roots take; what modules take is read from the modules themselves.
///
/// In the notation of ``TerraformShape/init(_:)``, from `terraform providers schema -json` of hashicorp/google 6.50.0 and
/// hashicorp/aws 5.100.0.
enum TerraformFacts {
    /// Of an address without its name: `google_compute_url_map`, `data.aws_route53_zone`.
    static func shape(of kind: String) -> TerraformShape? {
        guard var shape = TerraformShape(google + "\n" + aws).blocks[kind]?.shape else { return nil }
        shape.merge(.resourceMeta)
        return shape
    }

    private static let aws = """
        aws_cloudwatch_log_metric_filter{ log_group_name! name! pattern! metric_transformation!{ default_value
          dimensions:map(string) name! namespace! unit value! } }
        aws_cloudwatch_metric_alarm{ actions_enabled:bool alarm_actions:set(string) alarm_description alarm_name!
          comparison_operator! datapoints_to_alarm:number dimensions:map(string) evaluate_low_sample_count_percentiles
          evaluation_periods!:number extended_statistic insufficient_data_actions:set(string) metric_name namespace
          ok_actions:set(string) period:number statistic tags:map(string) threshold:number threshold_metric_id
          treat_missing_data unit metric_query*{ account_id expression id! label period:number return_data:bool metric{
          dimensions:map(string) metric_name! namespace period!:number stat! unit } } }
        aws_db_instance_automated_backups_replication{ kms_key_id pre_signed_url retention_period:number
          source_db_instance_arn! timeouts{ create delete } }
        data.aws_route53_zone{ name private_zone:bool tags:map(string) vpc_id zone_id }
        """

    private static let google = """
        data.google_monitoring_notification_channel{ display_name labels:map(string) project type
          user_labels:map(string) }
        google_artifact_registry_repository{ cleanup_policy_dry_run:bool description format! kms_key_name
          labels:map(string) location mode project repository_id! cleanup_policies*{ action id! condition{ newer_than
          older_than package_name_prefixes:list(string) tag_prefixes:list(string) tag_state
          version_name_prefixes:list(string) } most_recent_versions{ keep_count:number
          package_name_prefixes:list(string) } } docker_config{ immutable_tags:bool } maven_config{
          allow_snapshot_overwrites:bool version_policy } remote_repository_config{ description
          disable_upstream_validation:bool apt_repository{ public_repository{ repository_base! repository_path! } }
          common_repository{ uri! } docker_repository{ public_repository custom_repository{ uri } } maven_repository{
          public_repository custom_repository{ uri } } npm_repository{ public_repository custom_repository{ uri } }
          python_repository{ public_repository custom_repository{ uri } } upstream_credentials{
          username_password_credentials{ password_secret_version username } } yum_repository{ public_repository{
          repository_base! repository_path! } } } virtual_repository_config{ upstream_policies*{ id priority:number
          repository } } vulnerability_scanning_config{ enablement_config } timeouts{ create delete update } }
        google_billing_budget{ billing_account! display_name ownership_scope all_updates_rule{
          disable_default_iam_recipients:bool enable_project_level_recipients:bool
          monitoring_notification_channels:list(string) pubsub_topic schema_version } amount!{ last_period_amount:bool
          specified_amount{ currency_code nanos:number units } } budget_filter{ calendar_period
          credit_types:list(string) credit_types_treatment labels:map(string) projects:set(string)
          resource_ancestors:set(string) services:list(string) subaccounts:list(string) custom_period{ end_date{
          day!:number month!:number year!:number } start_date!{ day!:number month!:number year!:number } } }
          threshold_rules*{ spend_basis threshold_percent!:number } timeouts{ create delete update } }
        google_compute_global_address{ address address_type description ip_version labels:map(string) name! network
          prefix_length:number project purpose timeouts{ create delete update } }
        google_compute_global_forwarding_rule{ description external_managed_backend_bucket_migration_state
          external_managed_backend_bucket_migration_testing_percentage:number ip_address ip_protocol ip_version
          labels:map(string) load_balancing_scheme name! network network_tier no_automate_dns_zone:bool port_range
          project source_ip_ranges:list(string) subnetwork target! metadata_filters*{ filter_match_criteria!
          filter_labels!*{ name! value! } } service_directory_registrations{ namespace service_directory_region }
          timeouts{ create delete update } }
        google_compute_managed_ssl_certificate{ description name project type managed{ domains!:list(string) } timeouts{
          create delete } }
        google_compute_ssl_policy{ custom_features:list(string) description min_tls_version name! profile project }
        google_compute_target_http_proxy{ description http_keep_alive_timeout_sec:number name! project proxy_bind:bool
          url_map! }
        google_compute_target_https_proxy{ certificate_manager_certificates:list(string) certificate_map description
          http_keep_alive_timeout_sec:number name! project proxy_bind:bool quic_override server_tls_policy
          ssl_certificates:list(string) ssl_policy tls_early_data url_map! timeouts{ create delete update } }
        google_compute_url_map{ default_service description name! project default_custom_error_response_policy{
          error_service error_response_rule*{ match_response_codes:list(string) override_response_code:number path } }
          default_route_action{ cors_policy{ allow_credentials:bool allow_headers:list(string)
          allow_methods:list(string) allow_origin_regexes:list(string) allow_origins:list(string) disabled:bool
          expose_headers:list(string) max_age:number } fault_injection_policy{ abort{ http_status:number
          percentage:number } delay{ percentage:number fixed_delay{ nanos:number seconds } } } max_stream_duration{
          nanos:number seconds! } request_mirror_policy{ backend_service! } retry_policy{ num_retries:number
          retry_conditions:list(string) per_try_timeout{ nanos:number seconds } } timeout{ nanos:number seconds }
          url_rewrite{ host_rewrite path_prefix_rewrite } weighted_backend_services*{ backend_service weight:number
          header_action{ request_headers_to_remove:list(string) response_headers_to_remove:list(string)
          request_headers_to_add*{ header_name header_value replace:bool } response_headers_to_add*{ header_name
          header_value replace:bool } } } } default_url_redirect{ host_redirect https_redirect:bool path_redirect
          prefix_redirect redirect_response_code strip_query!:bool } header_action{
          request_headers_to_remove:list(string) response_headers_to_remove:list(string) request_headers_to_add*{
          header_name! header_value! replace!:bool } response_headers_to_add*{ header_name! header_value! replace!:bool
          } } host_rule*{ description hosts!:set(string) path_matcher! } path_matcher*{ default_service description
          name! default_custom_error_response_policy{ error_service error_response_rule*{
          match_response_codes:list(string) override_response_code:number path } } default_route_action{ cors_policy{
          allow_credentials:bool allow_headers:list(string) allow_methods:list(string) allow_origin_regexes:list(string)
          allow_origins:list(string) disabled:bool expose_headers:list(string) max_age:number } fault_injection_policy{
          abort{ http_status:number percentage:number } delay{ percentage:number fixed_delay{ nanos:number seconds } } }
          max_stream_duration{ nanos:number seconds! } request_mirror_policy{ backend_service! } retry_policy{
          num_retries:number retry_conditions:list(string) per_try_timeout{ nanos:number seconds } } timeout{
          nanos:number seconds } url_rewrite{ host_rewrite path_prefix_rewrite } weighted_backend_services*{
          backend_service weight:number header_action{ request_headers_to_remove:list(string)
          response_headers_to_remove:list(string) request_headers_to_add*{ header_name header_value replace:bool }
          response_headers_to_add*{ header_name header_value replace:bool } } } } default_url_redirect{ host_redirect
          https_redirect:bool path_redirect prefix_redirect redirect_response_code strip_query!:bool } header_action{
          request_headers_to_remove:list(string) response_headers_to_remove:list(string) request_headers_to_add*{
          header_name! header_value! replace!:bool } response_headers_to_add*{ header_name! header_value! replace!:bool
          } } path_rule*{ paths!:set(string) service custom_error_response_policy{ error_service error_response_rule*{
          match_response_codes:list(string) override_response_code:number path } } route_action{ cors_policy{
          allow_credentials:bool allow_headers:list(string) allow_methods:list(string) allow_origin_regexes:list(string)
          allow_origins:list(string) disabled!:bool expose_headers:list(string) max_age:number } fault_injection_policy{
          abort{ http_status!:number percentage!:number } delay{ percentage!:number fixed_delay!{ nanos:number seconds!
          } } } max_stream_duration{ nanos:number seconds! } request_mirror_policy{ backend_service! } retry_policy{
          num_retries:number retry_conditions:list(string) per_try_timeout{ nanos:number seconds! } } timeout{
          nanos:number seconds! } url_rewrite{ host_rewrite path_prefix_rewrite } weighted_backend_services*{
          backend_service! weight!:number header_action{ request_headers_to_remove:list(string)
          response_headers_to_remove:list(string) request_headers_to_add*{ header_name! header_value! replace!:bool }
          response_headers_to_add*{ header_name! header_value! replace!:bool } } } } url_redirect{ host_redirect
          https_redirect:bool path_redirect prefix_redirect redirect_response_code strip_query!:bool } } route_rules*{
          priority!:number service custom_error_response_policy{ error_service error_response_rule*{
          match_response_codes:list(string) override_response_code:number path } } header_action{
          request_headers_to_remove:list(string) response_headers_to_remove:list(string) request_headers_to_add*{
          header_name! header_value! replace!:bool } response_headers_to_add*{ header_name! header_value! replace!:bool
          } } match_rules*{ full_path_match ignore_case:bool path_template_match prefix_match regex_match
          header_matches*{ exact_match header_name! invert_match:bool prefix_match present_match:bool regex_match
          suffix_match range_match{ range_end!:number range_start!:number } } metadata_filters*{ filter_match_criteria!
          filter_labels!*{ name! value! } } query_parameter_matches*{ exact_match name! present_match:bool regex_match }
          } route_action{ cors_policy{ allow_credentials:bool allow_headers:list(string) allow_methods:list(string)
          allow_origin_regexes:list(string) allow_origins:list(string) disabled:bool expose_headers:list(string)
          max_age:number } fault_injection_policy{ abort{ http_status:number percentage:number } delay{
          percentage:number fixed_delay{ nanos:number seconds! } } } max_stream_duration{ nanos:number seconds! }
          request_mirror_policy{ backend_service! } retry_policy{ num_retries!:number retry_conditions:list(string)
          per_try_timeout{ nanos:number seconds! } } timeout{ nanos:number seconds! } url_rewrite{ host_rewrite
          path_prefix_rewrite path_template_rewrite } weighted_backend_services*{ backend_service! weight!:number
          header_action{ request_headers_to_remove:list(string) response_headers_to_remove:list(string)
          request_headers_to_add*{ header_name! header_value! replace!:bool } response_headers_to_add*{ header_name!
          header_value! replace!:bool } } } } url_redirect{ host_redirect https_redirect:bool path_redirect
          prefix_redirect redirect_response_code strip_query:bool } } } test*{ description expected_output_url
          expected_redirect_response_code:number host! path! service headers*{ name! value! } } timeouts{ create delete
          update } }
        google_logging_metric{ bucket_name description disabled:bool filter! label_extractors:map(string) name! project
          value_extractor bucket_options{ explicit_buckets{ bounds!:list(number) } exponential_buckets{
          growth_factor!:number num_finite_buckets!:number scale!:number } linear_buckets{ num_finite_buckets!:number
          offset!:number width!:number } } metric_descriptor{ display_name metric_kind! unit value_type! labels*{
          description key! value_type } } timeouts{ create delete update } }
        google_logging_project_bucket_config{ bucket_id! description enable_analytics:bool location! locked:bool
          project! retention_days:number cmek_settings{ kms_key_name! } index_configs*{ field_path! type! } }
        google_monitoring_alert_policy{ combiner! display_name! enabled:bool notification_channels:list(string) project
          severity user_labels:map(string) alert_strategy{ auto_close notification_prompts:list(string)
          notification_channel_strategy*{ notification_channel_names:list(string) renotify_interval }
          notification_rate_limit{ period } } conditions!*{ display_name! condition_absent{ duration! filter
          aggregations*{ alignment_period cross_series_reducer group_by_fields:list(string) per_series_aligner }
          trigger{ count:number percent:number } } condition_matched_log{ filter! label_extractors:map(string) }
          condition_monitoring_query_language{ duration! evaluation_missing_data query! trigger{ count:number
          percent:number } } condition_prometheus_query_language{ alert_rule disable_metric_validation:bool duration
          evaluation_interval labels:map(string) query! rule_group } condition_sql{ query! boolean_test{ column! }
          daily{ periodicity!:number execution_time{ hours:number minutes:number nanos:number seconds:number } } hourly{
          minute_offset:number periodicity!:number } minutes{ periodicity!:number } row_count_test{ comparison!
          threshold!:number } } condition_threshold{ comparison! denominator_filter duration! evaluation_missing_data
          filter threshold_value:number aggregations*{ alignment_period cross_series_reducer
          group_by_fields:list(string) per_series_aligner } denominator_aggregations*{ alignment_period
          cross_series_reducer group_by_fields:list(string) per_series_aligner } forecast_options{ forecast_horizon! }
          trigger{ count:number percent:number } } } documentation{ content mime_type subject links*{ display_name url }
          } timeouts{ create delete update } }
        google_monitoring_notification_channel{ description display_name enabled:bool force_delete:bool
          labels:map(string) project type! user_labels:map(string) sensitive_labels{ auth_token password service_key }
          timeouts{ create delete update } }
        google_secret_manager_secret{ annotations:map(string) deletion_protection:bool expire_time labels:map(string)
          project secret_id! tags:map(string) ttl version_aliases:map(string) version_destroy_ttl replication!{ auto{
          customer_managed_encryption{ kms_key_name! } } user_managed{ replicas!*{ location!
          customer_managed_encryption{ kms_key_name! } } } } rotation{ next_rotation_time rotation_period } topics*{
          name! } timeouts{ create delete update } }
        """
}
