/// What a patch may add to a Compose file.
enum ComposePatch {
    /// Whether a key that is not rendered may stand at a path: a whole service brings its image, and a key of a service is
    /// one that Compose knows.
    static func isOpen(_ path: [String], _ value: YAMLTree) -> Bool {
        if path.last?.hasPrefix("x-") == true { return true }
        switch (path.first, path.count) {
        case (let section?, 1): return ["networks", "volumes", "secrets", "configs"].contains(section)
        case ("services", 2): return value.hasKey("image") || value.hasKey("build")
        case ("services", 3): return serviceKeys.contains(path[2])
        default: return true
        }
    }

    /// Attributes of a service (Compose Specification, `compose-spec.json` as of 2025-11).
    private static let serviceKeys = Set(
        """
        annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name
        cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec
        depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file
        environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
        isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit
        models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start
        pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets
        security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits umask
        use_api_socket user userns_mode uts volumes volumes_from working_dir
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}

extension YAMLTree {
    /// Whether this is a map that holds a key.
    func hasKey(_ key: String) -> Bool {
        guard case .map(let entries) = self else { return false }
        return entries.contains { $0.key == key }
    }
}
