with source as (

    select * from {{ catalogue('issues') }}

),

handling as (

    select * from {{ catalogue('issue_handling') }}

),

renamed as (

    select
        cast(source.code as string) as issue_code,
        cast(source.severity as string) as severity,
        cast(source.message_zh as string) as message_zh,
        cast(source.remedy_zh as string) as remedy_zh,
        cast(handling.level as string) as check_level,
        cast(handling.can_be_waived as boolean) as can_be_waived,
        cast(handling.active_from as string) as active_from,
        cast(handling.found_by as string) as found_by
    from source
    inner join handling on source.code = handling.code

)

select * from renamed
