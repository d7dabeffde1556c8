with source as (

    select * from {{ frozen('build') }}

),

renamed as (

    select
        cast(build_id as string) as build_id,
        cast(known_at as timestamp) as known_at,
        cast(started_at as timestamp) as started_at
    from source

)

select * from renamed
