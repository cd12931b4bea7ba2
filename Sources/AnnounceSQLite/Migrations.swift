import GRDB

/// The files of `migrations/`, which are compiled into the program and applied in order.
enum Migrations {
    /// Marks a file as announce's (`PRAGMA application_id`): "annc".
    static let applicationID: Int32 = 0x61_6E_6E_63

    /// The schema that this version reads and writes (`PRAGMA user_version`): the number of the last file.
    static let newest: Int32 = 13

    /// The migrations; each is applied in a transaction of its own.
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        register("V0001__announcements", PackageResources.V0001__announcements_sql, in: &migrator)
        register("V0002__plans", PackageResources.V0002__plans_sql, in: &migrator)
        register("V0003__acknowledgements", PackageResources.V0003__acknowledgements_sql, in: &migrator)
        register("V0004__batches", PackageResources.V0004__batches_sql, in: &migrator)
        register("V0005__put_off", PackageResources.V0005__put_off_sql, in: &migrator)
        register("V0006__operators", PackageResources.V0006__operators_sql, in: &migrator)
        register("V0007__imports", PackageResources.V0007__imports_sql, in: &migrator)
        register("V0008__search", PackageResources.V0008__search_sql, in: &migrator)
        register("V0009__checks", PackageResources.V0009__checks_sql, in: &migrator)
        register("V0010__manner", PackageResources.V0010__manner_sql, in: &migrator)
        register("V0011__cheaper_checks", PackageResources.V0011__cheaper_checks_sql, in: &migrator)
        register("V0012__staging", PackageResources.V0012__staging_sql, in: &migrator)
        register("V0013__reading_order", PackageResources.V0013__reading_order_sql, in: &migrator)
        return migrator
    }

    private static func register(_ name: String, _ sql: [UInt8], in migrator: inout DatabaseMigrator) {
        migrator.registerMigration(name) { database in
            try database.execute(sql: String(decoding: sql, as: UTF8.self))
        }
    }
}
